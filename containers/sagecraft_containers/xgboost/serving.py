"""The XGBoost container's `serve`: a trained model that answers.

Media types and layouts are those of AWS's XGBoost container in algorithm mode.
"""

import json
import os
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from sagecraft_containers import contract
from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.answer import CSV, accepted_type, answer
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction, RequestError
from sagecraft_containers.serving.server import application, serve

from .library import xgboost
from .model import MODEL_FILE

CONTENT_TYPES: Final = ("text/csv", "text/libsvm", "text/x-libsvm", "application/x-recordio-protobuf")
_PICKLE_MAGIC: Final = b"\x80"


class XGBoostPredictor:
    """A booster that answers requests.

    Args:
        model: A `xgboost.Booster`.
        default_accept: The media type that is answered where the request takes any.
        batch: Whether batch transform asks.
    """

    def __init__(self, model: Any, *, default_accept: str, batch: bool) -> None:
        self._model = model
        self._features = int(model.num_features())
        self._default_accept = default_accept
        self._batch = batch
        best = model.attributes().get("best_iteration")
        kind = json.loads(model.save_config())["learner"]["gradient_booster"]["name"]
        self._iterations = (0, 0) if best is None or kind == "gblinear" else (0, int(best) + 1)
        # A linear model cannot predict in place, and dart sums its trees in another order there, which shows in the
        # sixth decimal.
        self._in_place = kind == "gbtree"

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers the scores of a body's rows.

        Raises:
            UserError: The body or one of the media types is wrong.
        """
        media_type = accepted_type(accept, self._default_accept)
        features = self._widened(read_features(body, content_type or CSV))
        if features.shape[1] != self._features:
            raise UserError(
                f"The model has {self._features} features, but the body's rows have {features.shape[1]}. Send the "
                "features alone, in the order of training, without the label."
            )
        return answer(self._scores(features), media_type, batch=self._batch)

    def _scores(self, features: Any) -> Any:
        if self._in_place:
            return self._model.inplace_predict(features, iteration_range=self._iterations, validate_features=False)
        matrix = xgboost.DMatrix(features, nthread=1)
        return self._model.predict(matrix, iteration_range=self._iterations, validate_features=False)

    def _widened(self, features: Any) -> Any:
        """Sparse rows may end before the model's last feature: what is absent there is missing, too."""
        if not hasattr(features, "tocsr") or features.shape[1] >= self._features:
            return features
        features.resize(features.shape[0], self._features)
        return features


def read_features(body: bytes, content_type: str) -> Any:
    """Reads the rows of a body: dense with NaN for a missing value, or sparse.

    Raises:
        RequestError: 415, the content type is not known.
        UserError: The body is not what its content type says.
    """
    if not body.strip():
        raise UserError("The body is empty; send at least one row.")
    try:
        form = data_format(content_type)
    except UserError:
        form = None
    match form:
        case DataFormat.CSV:
            return read_csv(body)[1]
        case DataFormat.LIBSVM:
            from sagecraft_containers.data.libsvm_text import read_libsvm  # noqa: PLC0415 - slow to import

            return read_libsvm(body, needs_label=False).features
        case DataFormat.RECORDIO_PROTOBUF:
            from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf  # noqa: PLC0415

            return read_recordio_protobuf(body).features
        case _:
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content-Type '{content_type}' is not supported; use one of {', '.join(CONTENT_TYPES)}.",
            )


def load_booster(directory: Path) -> Any:
    """Loads the model of a directory, for one thread.

    Raises:
        UserError: There is none, there are several, or xgboost cannot load it.
    """
    path = _model_file(directory)
    content = path.read_bytes()
    if content.startswith(_PICKLE_MAGIC):
        raise UserError(
            f"The model '{path.name}' is a Python pickle, which could run any code when it is loaded. Load it where "
            "you trust it, and save it with Booster.save_model."
        )
    try:
        return xgboost.Booster({"nthread": 1}, model_file=bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise UserError(f"xgboost cannot load the model '{path.name}': {str(error).splitlines()[-1]}") from error


def load() -> XGBoostPredictor:
    """Loads the model of `/opt/ml/model`.

    Raises:
        UserError: There is none, there are several, or xgboost cannot load it.
    """
    model = load_booster(contract.ContainerPaths.from_environment().model_directory)
    default_accept = os.environ.get(contract.INFERENCE_ACCEPT_VARIABLE)
    return XGBoostPredictor(
        model,
        default_accept=accepted_type(default_accept, CSV),
        batch=os.environ.get(contract.BATCH_VARIABLE, "").lower() == "true",
    )


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=True)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.xgboost.serving:make_application", load)


def _model_file(directory: Path) -> Path:
    named = directory / MODEL_FILE
    if named.is_file():
        return named
    files = [path for path in sorted(directory.rglob("*")) if path.is_file()] if directory.is_dir() else []
    if len(files) != 1:
        found = ", ".join(path.name for path in files) or "no file"
        raise UserError(f"The model archive must hold '{MODEL_FILE}', or one file alone; it holds {found}.")
    return files[0]
