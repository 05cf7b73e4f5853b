"""The choice of the best of many models, and of the score from which on a binary classifier says 1.

Source: `binary_classifier_model_selection_criteria` in "Linear learner hyperparameters" of the SageMaker developer
guide.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.algorithm.quality import f_beta
from sagecraft_containers.data.table import FloatArray

from .settings import Settings

CRITERION: Final = "binary_classifier_model_selection_criteria"
Numbers = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Judgement:
    """What is thought of a model.

    Attributes:
        cost: Less is better.
        threshold: The score from which on it says 1.
    """

    cost: float
    threshold: float


def chooses_threshold(settings: Settings) -> bool:
    """Whether models are judged by what they say at their best threshold, and not by their loss."""
    by_loss = settings.values[CRITERION] in {"loss_function", "cross_entropy_loss"}
    return settings.predictor_type == "binary_classifier" and not by_loss


def judge(scores: FloatArray, labels: FloatArray, settings: Settings) -> Judgement:
    """Finds the threshold of the best value of the criterion.

    Args:
        scores: A binary classifier's, of some rows.
        labels: The rows', 0 or 1.
        settings: The criterion, with its target or its beta.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, positive = scores[order], labels[order].astype(np.float64)
    last_of_score = np.flatnonzero(np.append(np.diff(ranked) != 0, [True]))
    hits = np.cumsum(positive)[last_of_score]
    said = last_of_score + 1.0
    total = positive.sum()
    values = _criterion(hits, said, total, len(labels), settings)
    best = int(np.argmax(values))
    threshold = ranked[last_of_score[best]]
    if best + 1 < len(last_of_score):  # halfway to the next score, so that rounding turns none over
        threshold = (threshold + ranked[last_of_score[best + 1]]) / 2
    return Judgement(1 - float(values[best]), float(threshold))


def best_of(costs: FloatArray, losses: FloatArray) -> int:
    """The model of the least cost; of several, the one of the least loss.

    Args:
        costs: Of each model, one of which is a finite number.
        losses: Of each model.
    """
    return int(np.nanargmin(np.where(costs == np.nanmin(costs), losses, np.inf)))


def _criterion(hits: Numbers, said: Numbers, total: float, rows: int, settings: Settings) -> Any:
    """The value at each threshold, of how often 1 is said, and rightly."""
    precision, recall = hits / said, hits / max(total, 1.0)
    match settings.values[CRITERION]:
        case "accuracy":
            return (hits + rows - said - (total - hits)) / rows
        case "f1":
            return f_beta(precision, recall, 1.0)
        case "f_beta":
            return f_beta(precision, recall, settings.number("f_beta"))
        case "precision_at_target_recall":
            return np.where(recall >= settings.number("target_recall"), precision, recall - 2)
        case "recall_at_target_precision":
            return np.where(precision >= settings.number("target_precision"), recall, precision - 2)
        case unknown:
            raise AssertionError(f"there is no threshold of '{unknown}'")
