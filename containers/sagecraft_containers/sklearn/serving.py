"""The scikit-learn container's `serve`: the user's functions, and what stands in for those that are left out."""

import io
import zipfile
from http import HTTPStatus
from typing import Any

import numpy as np
from sagemaker_inference import content_types, decoder
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler

from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import RequestError
from sagecraft_containers.serving.script import ScriptPredictor, load_script
from sagecraft_containers.serving.server import application, serve


class ScikitLearnHandler(DefaultInferenceHandler):  # type: ignore[misc]  # the toolkit has no types
    """What the container does in place of the functions that the user's module leaves out."""

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:  # noqa: ARG002
        """An array from CSV (32-bit floats, as in AWS's container), JSON, NPY or NPZ; no Python objects in NPY.

        Raises:
            UserError: The body is not what its content type says; of CSV, which line is not.
        """
        try:
            if content_type == content_types.NPY:
                return np.load(io.BytesIO(input_data), allow_pickle=False)
            if content_type == content_types.CSV:
                return read_csv(input_data.encode())[1]
            return decoder.decode(input_data, content_type)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, f"The body is not {content_type}: {error}") from error

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:  # noqa: ARG002
        """`model.predict(data)`; one row alone is made a table of one row."""
        return model.predict(data.reshape(1, -1) if getattr(data, "ndim", 2) == 1 else data)


def load() -> ScriptPredictor:
    """Loads the user's code and model."""
    return load_script(ScikitLearnHandler())


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=False)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.sklearn.serving:make_application", load)
