"""A model that the functions of a user load and ask: `model_fn`, `input_fn`, `predict_fn`, `output_fn`, `transform_fn`.

The functions are found and called by AWS's inference toolkit; the HTTP server is this package's own.
"""

import logging
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sagemaker_inference import content_types
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.errors import BaseInferenceToolkitError, UnsupportedFormatError
from sagemaker_inference.transformer import Transformer

from sagecraft_containers import contract
from sagecraft_containers.errors import UserError

from .predictor import Prediction, RequestError
from .script_code import code_directory, program

logger = logging.getLogger(__name__)


class ScriptPredictor:
    """The user's functions, and the model that `model_fn` loaded.

    Args:
        model_dir: What `model_fn` is given.
        handler: What is done in place of the functions that the user's module leaves out.
    """

    def __init__(self, model_dir: Path, handler: DefaultInferenceHandler) -> None:
        self._model_dir = str(model_dir)
        self._transformer = _Transformer(handler)
        self._transformer.validate_and_initialize(self._model_dir)

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers what the user's functions make of the body.

        Raises:
            RequestError: The toolkit refuses the request.
        """
        request = _Request(self._model_dir, content_type or content_types.JSON, accept)
        (answer,) = self._transformer.transform([{"body": body}], request)
        if hasattr(answer, "get_data") and hasattr(answer, "mimetype"):  # a Response, of Flask or of the older toolkit
            return Prediction(answer.get_data(), answer.mimetype, HTTPStatus(answer.status_code))
        answer = answer if isinstance(answer, bytes) else str(answer).encode()
        return Prediction(answer, request.response_content_type or content_types.JSON)


class _Transformer(Transformer):  # type: ignore[misc]  # the toolkit has no types
    """Raises what goes wrong instead of answering its traceback to the caller."""

    @staticmethod
    def handle_error(context: Any, inference_exception: BaseInferenceToolkitError, trace: str) -> Any:  # noqa: ARG004
        error = sys.exc_info()[1]
        if isinstance(error, UserError):
            raise error
        if type(error).__name__ == UnsupportedFormatError.__name__:  # of this toolkit, or of the one before it
            raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        if inference_exception.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RequestError(HTTPStatus(inference_exception.status_code), inference_exception.message) from error
        raise error if error is not None else inference_exception


class _Request:
    """What the toolkit asks of a model server about one request."""

    def __init__(self, model_dir: str, content_type: str, accept: str | None) -> None:
        self.system_properties = {"model_dir": model_dir}
        self.request_processor = [self]
        self.response_content_type: str | None = None
        self._properties = {"Content-Type": content_type, **({"Accept": accept} if accept else {})}

    def get_request_properties(self) -> dict[str, str]:
        """The request's headers."""
        return self._properties

    def set_response_content_type(self, _position: int, value: str) -> None:
        """Keeps the media type of the answer."""
        self.response_content_type = value


def load_script(handler: DefaultInferenceHandler) -> ScriptPredictor:
    """Brings the user's code into this process, and its model.

    Args:
        handler: What the container does in place of the functions that the user's module leaves out.

    Raises:
        UserError: The code cannot be fetched or imported, or `model_fn` fails.
    """
    paths = contract.ContainerPaths.from_environment()
    code = code_directory(paths)
    sys.path.insert(0, str(code))
    script = program()
    if not (code / script).is_file():
        found = ", ".join(sorted(path.name for path in code.glob("*.py"))) if code.is_dir() else "no such directory"
        raise UserError(
            f"The script '{script}' is not in '{code}' ({found}). Set {contract.PROGRAM_VARIABLE} to the script with "
            f"model_fn, and {contract.SUBMIT_DIRECTORY_VARIABLE} to where it is: /opt/ml/model/code, where the model's "
            "archive has it under code/, or an archive in S3."
        )
    try:
        return ScriptPredictor(paths.model_directory, handler)
    except Exception as error:
        logger.exception("'%s' cannot be loaded", script)
        raise UserError(f"The script '{script}' cannot load its model: {type(error).__name__}: {error}") from error
