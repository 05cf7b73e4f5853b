"""The XGBoost container's `serve` in script mode: the user's functions, and what stands in for those left out."""

from typing import Any

from sagemaker_inference.default_inference_handler import DefaultInferenceHandler

from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.script import ScriptPredictor, load_script
from sagecraft_containers.serving.server import application, serve
from sagecraft_containers.xgboost.library import xgboost

from .features import read_features


class XGBoostHandler(DefaultInferenceHandler):  # type: ignore[misc]  # the toolkit has no types
    """What the container does in place of the functions that the user's module leaves out, but for `model_fn`."""

    def default_input_fn(self, input_data: bytes | str, content_type: str, context: Any = None) -> Any:  # noqa: ARG002
        """A `DMatrix` from CSV, LIBSVM or RecordIO protobuf.

        Raises:
            UserError: The body is not what its content type says.
        """
        body = input_data.encode() if isinstance(input_data, str) else input_data
        return xgboost.DMatrix(read_features(body, content_type))

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
