"""The XGBoost container's `serve`: a trained model that answers.

Media types, layouts and statuses are those of AWS's XGBoost container in algorithm mode, of the image's version.
"""

import json
import os
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import numpy as np

from sagecraft_containers import contract
from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.answer import CSV, Scores, accepted_type, answer, to_csv_line, to_lines, written
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction, RequestError
from sagecraft_containers.serving.server import application, serve
from sagecraft_containers.xgboost import image
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.model import Model, load_models

from .features import DEFAULT_CONTENT_TYPE, read_features
from .selected import Selection

Write = Callable[[Scores, str | None], Prediction]
"""Makes an answer of scores and the request's `Accept`."""

DEFAULT_MAX_CONTENT_LENGTH: Final = 6_291_456
_VOTING: Final = frozenset({"multi:softmax", "binary:hinge"})


class Scorer:
    """A booster that scores rows.

    Args:
        model: What was loaded.
    """

    def __init__(self, model: Model) -> None:
        self._booster, self._was_pickled = model.booster, model.was_pickled
        self._features = int(model.booster.num_features())
        best = model.booster.attributes().get("best_iteration")
        learner = json.loads(model.booster.save_config())["learner"]
        kind = learner["gradient_booster"]["name"]
        self.objective = str(learner["objective"]["name"])
        self.classes = int(learner["learner_model_param"].get("num_class", 0))
        self._iterations = (0, 0) if best is None or kind == "gblinear" else (0, int(best) + 1)
        # A linear model cannot predict in place, and dart sums its trees in another order there, which shows in the
        # sixth decimal.
        self._in_place = kind == "gbtree"

    def scores(self, features: Any, content_type: str) -> Scores:
        """The scores of rows; a row may end before the model's last feature, and what is absent is missing.

        Raises:
            RequestError: 400, the rows have too many columns; of a pickled model, too few ones too unless the rows are
                LIBSVM, as in AWS's container.
        """
        columns = features.shape[1]
        too_few = columns < self._features
        if columns > self._features or (
            too_few and self._was_pickled and data_format(content_type) is not DataFormat.LIBSVM
        ):
            raise RequestError(
                HTTPStatus.BAD_REQUEST,
                f"The model has {self._features} features, but the body's rows have {columns}. Send the "
                "features alone, in the order of training, without the label.",
            )
        if too_few:
            features = _widened(features, self._features)
        if self._in_place:
            scores: Scores = self._booster.inplace_predict(
                features, iteration_range=self._iterations, validate_features=False
            )
            return scores
        matrix = xgboost.DMatrix(features, nthread=1)
        return self._booster.predict(matrix, iteration_range=self._iterations, validate_features=False)  # type: ignore[no-any-return]  # the library has few types


class XGBoostPredictor:
    """One model that answers requests, or several of which the answer is their mean, or their vote.

    Args:
        scorers: The models.
        write: Makes an answer of scores.
    """

    def __init__(self, scorers: Sequence[Scorer], write: Write) -> None:
        self._scorers, self._write = scorers, write

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers the scores of a body's rows; nothing, where there is no body.

        Raises:
            RequestError: The body or one of the media types is wrong.
        """
        if not body:
            return Prediction(b"", f"{CSV}; charset=utf-8", HTTPStatus.NO_CONTENT)
        features = read_features(body, content_type)
        return self._write(self._scores(features, content_type or DEFAULT_CONTENT_TYPE), accept)

    def _scores(self, features: Any, content_type: str) -> Scores:
        if len(self._scorers) == 1:
            return self._scorers[0].scores(features, content_type)
        scores = np.stack([scorer.scores(features, content_type) for scorer in self._scorers])
        if self._scorers[0].objective in _VOTING:
            from scipy import stats  # noqa: PLC0415 - slow to import, and only a vote needs it

            return stats.mode(scores).mode  # type: ignore[no-any-return]
        mean: Scores = scores.mean(axis=0)
        return mean


def _widened(features: Any, columns: int) -> Any:
    if hasattr(features, "tocsr"):
        features.resize(features.shape[0], columns)
        return features
    absent = np.full((features.shape[0], columns - features.shape[1]), np.nan, np.float32)
    return np.concatenate([features, absent], axis=1)


def _writer(model: Scorer) -> Write:
    """How answers are written: by the image's version, and the container's variables."""
    default = os.environ.get(contract.INFERENCE_ACCEPT_VARIABLE, CSV)
    batch = bool(os.environ.get(contract.BATCH_VARIABLE))
    selected = os.environ.get(contract.INFERENCE_OUTPUT_VARIABLE)
    if selected is not None and image.selects_outputs():
        selection = Selection(selected, model.objective, model.classes, batch=batch)
        return lambda scores, accept: selection.answer(scores, accepted_type(accept, default))
    if not image.answers_by_accept():
        if selected is not None:
            print(f"Warning: the XGBoost image {image.image_version()} has no {contract.INFERENCE_OUTPUT_VARIABLE}.")
        in_csv = to_lines if batch else to_csv_line
        return lambda scores, _: written(in_csv(scores), CSV)
    if batch:
        return lambda scores, accept: written(to_lines(scores), accepted_type(accept, default))
    return lambda scores, accept: answer(scores, accepted_type(accept, default))


def max_content_length() -> int:
    """`MAX_CONTENT_LENGTH`: how many bytes a body may have.

    Raises:
        UserError: It is no whole number.
    """
    given = os.environ.get(contract.MAX_CONTENT_LENGTH_VARIABLE, str(DEFAULT_MAX_CONTENT_LENGTH))
    if not given.strip().isdecimal():
        raise UserError(f"{contract.MAX_CONTENT_LENGTH_VARIABLE} must be a whole number of bytes, got '{given}'.")
    return int(given)


def load() -> XGBoostPredictor:
    """Loads the models of `/opt/ml/model`.

    Raises:
        UserError: There is none, one cannot be loaded, or a variable of the container is wrong.
    """
    max_content_length()
    together = os.environ.get(contract.INFERENCE_ENSEMBLE_VARIABLE, "true") == "true"
    models = load_models(
        contract.ContainerPaths.from_environment().model_directory, all_files=together and image.averages_models()
    )
    scorers = [Scorer(model) for model in models]
    return XGBoostPredictor(scorers, _writer(scorers[0]))


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=True, max_body_bytes=max_content_length())


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.xgboost.serving.algorithm:make_application", load)
