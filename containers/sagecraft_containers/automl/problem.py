"""Problems, and the metrics that each can have.

Source: "Metrics and validation" and `AutoMLJobObjective` of the SageMaker developer guide.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sagecraft_containers.errors import UserError

Array = npt.NDArray[Any]


class ProblemType(StrEnum):
    """As the API names them."""

    BINARY = "BinaryClassification"
    MULTICLASS = "MulticlassClassification"
    REGRESSION = "Regression"

    @property
    def is_classification(self) -> bool:
        """Whether the target is a class."""
        return self is not ProblemType.REGRESSION


@dataclass(frozen=True)
class Metric:
    """How well a model answers.

    Attributes:
        name: As the API names it.
        higher_is_better: Whether more of it is better.
        is_objective: Whether a job may ask for it as its objective.
    """

    name: str
    higher_is_better: bool
    is_objective: bool = True

    def better(self, value: float) -> float:
        """The value with the sign by which more is better."""
        return value if self.higher_is_better else -value


_HIGHER: Final = ("Accuracy", "AUC", "BalancedAccuracy", "F1", "F1macro", "Precision", "PrecisionMacro", "Recall")
_METRICS: Final = {
    **{name: Metric(name, higher_is_better=True) for name in (*_HIGHER, "RecallMacro", "R2")},
    **{name: Metric(name, higher_is_better=False) for name in ("MAE", "MSE", "RMSE")},
    "LogLoss": Metric("LogLoss", higher_is_better=False, is_objective=False),
}
METRICS: Final[Mapping[ProblemType, tuple[Metric, ...]]] = {
    problem: tuple(_METRICS[name] for name in names)
    for problem, names in {
        ProblemType.BINARY: ("Accuracy", "AUC", "BalancedAccuracy", "F1", "LogLoss", "Precision", "Recall"),
        ProblemType.MULTICLASS: (
            "Accuracy",
            "BalancedAccuracy",
            "F1macro",
            "LogLoss",
            "PrecisionMacro",
            "RecallMacro",
        ),
        ProblemType.REGRESSION: ("MAE", "MSE", "R2", "RMSE"),
    }.items()
}
"""What is computed of every candidate."""
DEFAULT_OBJECTIVES: Final[Mapping[ProblemType, str]] = {
    ProblemType.BINARY: "F1",
    ProblemType.MULTICLASS: "Accuracy",
    ProblemType.REGRESSION: "MSE",
}


def objective(name: str | None, problem: ProblemType) -> Metric:
    """The metric that a job asks for, or the problem's own where it asks for none.

    Raises:
        UserError: The problem cannot have it.
    """
    wanted = DEFAULT_OBJECTIVES[problem] if name is None else name
    allowed = [metric for metric in METRICS[problem] if metric.is_objective]
    for metric in allowed:
        if metric.name == wanted:
            return metric
    raise UserError(
        f"The objective metric '{wanted}' is not one of a {problem} problem; "
        f"use one of {', '.join(metric.name for metric in allowed)}, or leave it out for {DEFAULT_OBJECTIVES[problem]}."
    )


def measure(
    problem: ProblemType, truth: Array, answers: Array, weights: Array | None = None, names: Iterable[str] = ()
) -> dict[str, float]:
    """Metrics by name.

    Args:
        problem: What is predicted.
        truth: Numbers of classes, or values; shape (rows,).
        answers: Probabilities of shape (rows, classes), or values of shape (rows,).
        weights: Of the rows; None where all count alike.
        names: Which metrics; all of the problem where there are none.
    """
    given = _Given(truth, answers, answers.argmax(axis=1) if problem.is_classification else answers, weights)
    wanted = tuple(names) or tuple(metric.name for metric in METRICS[problem])
    return {name: float(_COMPUTED[name](given)) for name in wanted}


class _Given(NamedTuple):
    truth: Array
    answers: Array
    labels: Array
    weights: Array | None


def _by(function: str, **options: Any) -> Callable[[_Given], Any]:
    """A metric of scikit-learn's, of predicted classes or values."""

    def compute(given: _Given) -> Any:
        from sklearn import metrics  # noqa: PLC0415 - a second, which reading a definition does without

        return getattr(metrics, function)(given.truth, given.labels, sample_weight=given.weights, **options)

    return compute


def _balanced_accuracy(given: _Given) -> Any:
    # Not `balanced_accuracy_score`, which warns of a class that was predicted and is not in the truth.
    return _by("recall_score", labels=np.unique(given.truth), average="macro", zero_division=0)(given)


def _auc(given: _Given) -> Any:
    from sklearn import metrics  # noqa: PLC0415

    if len(np.unique(given.truth)) < _BOTH:
        return np.nan
    return metrics.roc_auc_score(given.truth, given.answers[:, 1], sample_weight=given.weights)


def _log_loss(given: _Given) -> Any:
    from sklearn import metrics  # noqa: PLC0415

    classes = range(given.answers.shape[1])
    return metrics.log_loss(given.truth, given.answers, labels=classes, sample_weight=given.weights)


def _r2(given: _Given) -> Any:
    return _by("r2_score")(given) if len(given.truth) >= _BOTH else np.nan


_BOTH: Final = 2
_MACRO: Final = {"average": "macro", "zero_division": 0}
_COMPUTED: Final[Mapping[str, Callable[[_Given], Any]]] = {
    "Accuracy": _by("accuracy_score"),
    "AUC": _auc,
    "BalancedAccuracy": _balanced_accuracy,
    "F1": _by("f1_score", zero_division=0),
    "F1macro": _by("f1_score", **_MACRO),
    "LogLoss": _log_loss,
    "MAE": _by("mean_absolute_error"),
    "MSE": _by("mean_squared_error"),
    "Precision": _by("precision_score", zero_division=0),
    "PrecisionMacro": _by("precision_score", **_MACRO),
    "R2": _r2,
    "Recall": _by("recall_score", zero_division=0),
    "RecallMacro": _by("recall_score", **_MACRO),
    "RMSE": _by("root_mean_squared_error"),
}
