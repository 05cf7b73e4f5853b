"""The XGBoost container's `serve` in script mode: the user's functions, and what stands in for those left out."""

import csv
from http import HTTPStatus
from typing import Any

from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.errors import UnsupportedFormatError

from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import RequestError
from sagecraft_containers.serving.script import ScriptPredictor, load_script
from sagecraft_containers.serving.server import application, serve

from .decoding import DECODERS


class XGBoostHandler(DefaultInferenceHandler):  # type: ignore[misc]  # the toolkit has no types
    """What the container does in place of the functions that the user's module leaves out, but for `model_fn`."""

    def default_input_fn(self, input_data: bytes | str, content_type: str, context: Any = None) -> Any:  # noqa: ARG002
        """A `DMatrix` from CSV, LIBSVM or RecordIO protobuf, as `sagemaker_xgboost_container.encoder` decodes it.

        Raises:
            RequestError: The body is not what its content type says.
            UnsupportedFormatError: The content type is not known.
        """
        media_type, _ = split_media_type(content_type)
        if media_type not in DECODERS:
            raise UnsupportedFormatError(content_type)
        try:
            return DECODERS[media_type](input_data)
        except (ValueError, csv.Error, UserError) as error:
            hint = " It ends with a line break, which it must not." if input_data[-1:] in ("\n", b"\n") else ""
            raise RequestError(HTTPStatus.BAD_REQUEST, f"The body is not {content_type}: {error}.{hint}") from error

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:  # noqa: ARG002
        """What the booster predicts."""
        return model.predict(data, validate_features=False)


def load() -> ScriptPredictor:
    """Loads the user's code and model."""
    return load_script(XGBoostHandler())


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=False)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.xgboost.serving.script:make_application", load)
