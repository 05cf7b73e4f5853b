"""Service models, from botocore: which operations there are, and what a request must look like.

Messages are those of AWS, see "Common Errors" and the ValidationException of the SageMaker API reference.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.errors import ApiError, validation_error

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

SAGEMAKER: Final = "sagemaker"

# botocore takes a fifth of the emulator's start to import, which needs none of it: so the first request does.
# ruff: noqa: PLC0415


@cache
def service_model(service: str = SAGEMAKER) -> "ServiceModel":
    """The model of a service, by botocore's name of it; left out, that of SageMaker's control plane."""
    from botocore.model import ServiceModel

    from .model_files import model_loader

    return ServiceModel(model_loader().load_service_model(service, "service-2"), service)


def operation_model(name: str, service: str = SAGEMAKER) -> "OperationModel":
    """One operation's model.

    Raises:
        ApiError: The service has no such operation.
    """
    model = service_model(service)
    if name not in model.operation_names:
        raise ApiError("UnknownOperationException", f"{model.service_id} has no operation '{name}'.", 404)
    return model.operation_model(name)


def parse_request(operation: "OperationModel", request: Mapping[str, Any]) -> dict[str, Any]:
    """Checks a request against the model and reads it: unknown members go, timestamps become epoch seconds.

    Raises:
        ApiError: `SerializationException` for a wrong type, else `ValidationException` with every problem.
    """
    shape = operation.input_shape
    if shape is None:
        return {}
    from . import shapes

    problems = list(shapes.problems(shape, request, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise validation_error(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    parsed: dict[str, Any] = shapes.read(shape, request)
    return parsed


def shape_response(operation: "OperationModel", response: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps of `response` what the operation's answer has; absent means absent."""
    shape = operation.output_shape
    if shape is None:
        return {}
    from . import shapes

    shaped: dict[str, Any] = shapes.read(shape, response)
    return shaped


def write_timestamps(
    operation: "OperationModel", response: Mapping[str, Any], write: Callable[[float], Any]
) -> dict[str, Any]:
    """An operation's answer with its timestamps, epoch seconds, written in another form."""
    from . import shapes

    shape = operation.output_shape
    written: dict[str, Any] = {} if shape is None else shapes.write(shape, response, write)
    return written
