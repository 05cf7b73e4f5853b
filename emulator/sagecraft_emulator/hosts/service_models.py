"""AWS's service models, as a host asks for them: of most it wants to know the protocol alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ServiceModel


@dataclass(frozen=True)
class ServiceProtocol:
    """How a service is spoken to; in the place of its model, which is megabytes.

    Attributes:
        metadata: What the model begins with.
    """

    metadata: Mapping[str, Any]


def protocols(names: Mapping[str, str]) -> Callable[[str], ServiceProtocol | None]:
    """What knows the protocol of a service; None of one that AWS has no model of.

    Args:
        names: botocore's names of services that the host calls otherwise.
    """

    @cache
    def protocol(service: str) -> ServiceProtocol | None:
        from sagecraft_emulator.api.model_files import read_metadata  # noqa: PLC0415 - botocore is slow to import

        metadata = read_metadata(names.get(service, service))
        return None if metadata is None else ServiceProtocol(metadata)

    return protocol


def models(names: Mapping[str, str]) -> "Callable[[str], ServiceModel | None]":
    """What knows the whole model of a service, as `protocols` does of its protocol."""

    @cache
    def model(service: str) -> "ServiceModel | None":
        from botocore.exceptions import DataNotFoundError  # noqa: PLC0415 - as above
        from botocore.model import ServiceModel  # noqa: PLC0415 - as above

        from sagecraft_emulator.api.model_files import model_loader  # noqa: PLC0415 - as above

        name = names.get(service, service)
        try:
            return ServiceModel(model_loader().load_service_model(name, "service-2"), name)
        except DataNotFoundError:
            return None

    return model
