"""The XGBoost container's `serve`: a trained model that answers.

Media types and layouts are those of AWS's XGBoost container in algorithm mode.
"""

import json
import os
from typing import Any

from sagecraft_containers import contract
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.answer import CSV, accepted_type, answer
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction
from sagecraft_containers.serving.server import application, serve
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.model import load_model

from .features import read_features


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


def load() -> XGBoostPredictor:
    """Loads the model of `/opt/ml/model`.

    Raises:
        UserError: There is none, there are several, or xgboost cannot load it.
    """
    model = load_model(contract.ContainerPaths.from_environment().model_directory)
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
    return serve("sagecraft_containers.xgboost.serving.algorithm:make_application", load)
