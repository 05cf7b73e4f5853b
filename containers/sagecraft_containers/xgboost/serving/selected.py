"""Selectable inference: `SAGEMAKER_INFERENCE_OUTPUT` names what an answer holds of each row.

Source: `algorithm_mode/serve_utils.py` of `aws/sagemaker-xgboost-container`. What an objective does not have is NaN.
"""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from sagecraft_containers.serving.answer import CSV, JSON, JSON_LINES, RECORDIO_PROTOBUF, Scores, written
from sagecraft_containers.serving.predictor import Prediction, RequestError

Row = dict[str, Any]

_CLASSIFICATION: Final = ("predicted_label", "labels", "raw_score", "raw_scores")
_PROBABLE: Final = (*_CLASSIFICATION, "probability", "probabilities")
_REGRESSION: Final = ("predicted_score",)
_OBJECTIVES: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("reg:squarederror", "reg:logistic", "reg:gamma", "reg:absoluteerror", "reg:tweedie"), _REGRESSION),
    **dict.fromkeys(("binary:logitraw", "binary:hinge", "multi:softmax"), _CLASSIFICATION),
    **dict.fromkeys(("binary:logistic", "multi:softprob"), _PROBABLE),
}
_HALF: Final = 0.5


class Selection:
    """What an answer holds.

    Args:
        names: As the variable lists them, with commas between.
        objective: What the model has learned.
        classes: How many classes a model of several has.
        batch: Whether batch transform asks.
    """

    def __init__(self, names: str, objective: str, classes: int, *, batch: bool) -> None:
        self._names = names.replace(" ", "").lower().split(",")
        self._objective, self._batch = objective, batch
        self._labels = [0, 1] if objective.startswith("binary:") else list(range(classes))
        unknown = [name for name in self._names if name not in _OBJECTIVES.get(objective, ())]
        if unknown and objective in _OBJECTIVES:
            print(
                f"Warning: a model of objective '{objective}' has no {', '.join(unknown)}, which the answers have NaN "
                f"for; it has {', '.join(_OBJECTIVES[objective])}.",
                flush=True,
            )

    def answer(self, scores: Scores, media_type: str) -> Prediction:
        """Writes what is selected of each row.

        Raises:
            RequestError: 500, as AWS's container answers where nothing can be selected of the objective, or the
                environment variable with the media type to answer by default names one that is not written.
        """
        if self._objective not in _OBJECTIVES:
            raise RequestError(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                f"Objective '{self._objective}' is not supported by SAGEMAKER_INFERENCE_OUTPUT; it may be one of "
                f"{', '.join(_OBJECTIVES)}.",
            )
        rows = [{name: self._value(name, score) for name in self._names} for score in scores.tolist()]
        match media_type:
            case "text/csv":
                return written(self._to_csv(rows), CSV)
            case "application/json":
                return written(json.dumps({"predictions": rows}).encode(), JSON)
            case "application/jsonlines":
                return written("".join(f"{json.dumps(row)}\n" for row in rows).encode(), JSON_LINES)
            case "application/x-recordio-protobuf":
                from sagecraft_containers.data.recordio_protobuf import write_label_records  # noqa: PLC0415 - slow

                return written(write_label_records(rows), RECORDIO_PROTOBUF)
            case _:
                raise RequestError(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    f"What is selected of a prediction is not written as {media_type}.",
                )

    def _to_csv(self, rows: Sequence[Row]) -> bytes:
        lines = [
            ",".join(f'"{value}"' if isinstance(value, list) else str(value) for value in row.values()) for row in rows
        ]
        return ("\n".join(lines) + ("\n" if self._batch else "")).encode()

    def _value(self, name: str, score: Any) -> Any:
        if name not in _OBJECTIVES[self._objective]:
            return math.nan
        match name:
            case "predicted_label":
                return self._label(score)
            case "labels":
                return self._labels
            case "probability" | "raw_score":
                return max(score) if isinstance(score, list) else score
            case "probabilities" | "raw_scores":
                return score if isinstance(score, list) else [1.0 - score, score]
            case _:
                return score

    def _label(self, score: Any) -> Any:
        match self._objective:
            case "binary:logistic":
                return int(score > _HALF)
            case "binary:logitraw":
                return int(score > 0)
            case "multi:softprob":
                return score.index(max(score))
            case _:
                return score
