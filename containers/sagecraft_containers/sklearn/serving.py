"""The scikit-learn container's `serve`: the user's `model_fn`, `input_fn`, `predict_fn`, `output_fn` or `transform_fn`.

The functions are found and called by the inference toolkit; the HTTP server is this package's own.
"""

import io
import logging
import os
import sys
import zipfile
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from sagemaker_inference import content_types, decoder
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.errors import BaseInferenceToolkitError, UnsupportedFormatError
from sagemaker_inference.transformer import Transformer

from sagecraft_containers import contract
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction, RequestError
from sagecraft_containers.serving.server import application, serve

from .packages import install_requirements, use_own_packages

logger = logging.getLogger(__name__)

PROGRAM_VARIABLE = "SAGEMAKER_PROGRAM"
SUBMIT_DIRECTORY_VARIABLE = "SAGEMAKER_SUBMIT_DIRECTORY"


class ScikitLearnHandler(DefaultInferenceHandler):  # type: ignore[misc]  # the toolkit has no types
    """What the container does in place of the functions that the user's module leaves out."""

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:  # noqa: ARG002
        """An array from CSV, JSON, NPY or NPZ; an NPY body that holds Python objects is refused.

        Raises:
            RequestError: The body is not what its content type says.
        """
        try:
            if content_type == content_types.NPY:
                return np.load(io.BytesIO(input_data), allow_pickle=False)
            return decoder.decode(input_data, content_type)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, f"The body is not {content_type}: {error}") from error

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:  # noqa: ARG002
        """`model.predict(data)`; one row alone is made a table of one row."""
        return model.predict(data.reshape(1, -1) if getattr(data, "ndim", 2) == 1 else data)


class ScriptPredictor:
    """The user's functions, and the model that `model_fn` loaded.

    Args:
        model_dir: What `model_fn` is given.
    """

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = str(model_dir)
        self._transformer = _Transformer(ScikitLearnHandler())
        self._transformer.validate_and_initialize(self._model_dir)

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers what the user's functions make of the body.

        Raises:
            RequestError: The toolkit refuses the request.
        """
        request = _Request(self._model_dir, content_type or content_types.JSON, accept)
        (answer,) = self._transformer.transform([{"body": body}], request)
        answer = answer if isinstance(answer, bytes) else str(answer).encode()
        return Prediction(answer, request.response_content_type or content_types.JSON)


class _Transformer(Transformer):  # type: ignore[misc]  # the toolkit has no types
    """Raises what goes wrong instead of answering its traceback to the caller."""

    @staticmethod
    def handle_error(context: Any, inference_exception: BaseInferenceToolkitError, trace: str) -> Any:  # noqa: ARG004
        error = sys.exc_info()[1]
        if isinstance(error, RequestError):
            raise error
        if isinstance(error, UnsupportedFormatError):
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


def load() -> ScriptPredictor:
    """Brings the user's code into this process, and its model.

    Raises:
        UserError: The code cannot be fetched or imported, or `model_fn` fails.
    """
    paths = contract.ContainerPaths.from_environment()
    use_own_packages(paths.base / "packages")
    code = _code_directory(paths)
    sys.path.insert(0, str(code))
    program = os.environ.get(PROGRAM_VARIABLE, "inference.py")
    if not (code / program).is_file():
        found = ", ".join(sorted(path.name for path in code.glob("*.py"))) if code.is_dir() else "no such directory"
        raise UserError(
            f"The script '{program}' is not in '{code}' ({found}). Set {PROGRAM_VARIABLE} to the script with model_fn, "
            f"and put it under code/ of the model archive, or name an S3 archive in {SUBMIT_DIRECTORY_VARIABLE}."
        )
    try:
        return ScriptPredictor(paths.model_directory)
    except Exception as error:
        logger.exception("'%s' cannot be loaded", program)
        raise UserError(f"The script '{program}' cannot load its model: {type(error).__name__}: {error}") from error


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=False)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.sklearn.serving:make_application", _install_and_load)


def _install_and_load() -> ScriptPredictor:
    """What the first process does for the workers, which find the packages installed."""
    paths = contract.ContainerPaths.from_environment()
    use_own_packages(paths.base / "packages")
    install_requirements(_code_directory(paths))
    return load()


def _code_directory(paths: contract.ContainerPaths) -> Path:
    """The directory of the user's code, fetched from S3 once where it is an archive there."""
    submitted = os.environ.get(SUBMIT_DIRECTORY_VARIABLE)
    if submitted is None:
        return paths.model_directory / "code"
    if not submitted.startswith("s3://"):
        return paths.base / submitted.removeprefix("/opt/ml/")
    if not paths.code_directory.is_dir() or not any(paths.code_directory.iterdir()):
        from sagemaker_training import files  # noqa: PLC0415 - slow to import

        paths.code_directory.mkdir(parents=True, exist_ok=True)
        files.download_and_extract(submitted, str(paths.code_directory))
    return paths.code_directory
