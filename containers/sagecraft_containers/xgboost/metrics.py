"""The metrics that AWS's XGBoost container adds to those of the library.

They follow scikit-learn's definitions, with 0 for a quotient whose divisor is 0. Source of the names: the catalog; of
their meaning: AWS's XGBoost container.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Evaluation = Callable[[Floats, Any], list[tuple[str, float]]]

_BINARY_THRESHOLD: Final = 0.5
_HIGHER_IS_BETTER: Final = (
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "f1",
    "interval-regression-accuracy",
    "map",
    "ndcg",
    "precision",
    "r2",
    "recall",
)


def is_maximized(metric: str) -> bool:
    """Whether a higher value of a metric is a better one; a suffix such as `_macro` or `@5` does not matter."""
    base = metric.partition("@")[0]
    return base != "mape" and base.removesuffix("_binary").removesuffix("_macro").removesuffix("_micro") in (
        _HIGHER_IS_BETTER
    )


def evaluation(names: Sequence[str], objective: str) -> Evaluation:
    """A function for `xgboost.train(custom_metric=…)` that computes the named metrics, in their order.

    Args:
        names: Some of `CUSTOM_METRICS`.
        objective: The job's objective; it says what the predictions are.
    """

    def evaluate(predictions: Floats, matrix: Any) -> list[tuple[str, float]]:
        labels = matrix.get_label()
        classes = _classes(predictions, objective)
        return [
            (name, _REGRESSION[name](labels, predictions) if name in _REGRESSION else _CLASSES[name](labels, classes))
            for name in names
        ]

    return evaluate


def _classes(predictions: Floats, objective: str) -> Floats:
    if predictions.ndim > 1:
        return np.asarray(predictions.argmax(axis=1), np.float32)
    if objective == "multi:softmax":
        return predictions
    threshold = 0.0 if objective == "binary:logitraw" else _BINARY_THRESHOLD
    return np.asarray(predictions > threshold, np.float32)


def _mean_squared_error(labels: Floats, predictions: Floats) -> float:
    return float(np.mean((labels - predictions) ** 2))


def _r2(labels: Floats, predictions: Floats) -> float:
    residual = float(np.sum((labels - predictions) ** 2))
    total = float(np.sum((labels - labels.mean()) ** 2))
    if total == 0:
        return 1.0 if residual == 0 else 0.0
    return 1 - residual / total


def _accuracy(labels: Floats, classes: Floats) -> float:
    return float(np.mean(labels == classes))


def _balanced_accuracy(labels: Floats, classes: Floats) -> float:
    return float(np.mean([np.mean(classes[labels == each] == each) for each in np.unique(labels)]))


def _counts(labels: Floats, classes: Floats, positive: float) -> tuple[float, float, float]:
    """True positives, predicted positives and actual positives of one class."""
    predicted, actual = classes == positive, labels == positive
    return float(np.sum(predicted & actual)), float(np.sum(predicted)), float(np.sum(actual))


def _quotient(dividend: float, divisor: float) -> float:
    return dividend / divisor if divisor else 0.0


def _precision_of(labels: Floats, classes: Floats, positive: float) -> float:
    hits, predicted, _ = _counts(labels, classes, positive)
    return _quotient(hits, predicted)


def _recall_of(labels: Floats, classes: Floats, positive: float) -> float:
    hits, _, actual = _counts(labels, classes, positive)
    return _quotient(hits, actual)


def _f1_of(labels: Floats, classes: Floats, positive: float) -> float:
    hits, predicted, actual = _counts(labels, classes, positive)
    return _quotient(2 * hits, predicted + actual)


def _binary(score: Callable[[Floats, Floats, float], float]) -> Callable[[Floats, Floats], float]:
    return lambda labels, classes: score(labels, classes, 1)


def _macro(score: Callable[[Floats, Floats, float], float]) -> Callable[[Floats, Floats], float]:
    return lambda labels, classes: float(
        np.mean([score(labels, classes, float(each)) for each in np.union1d(labels, classes)])
    )


_REGRESSION: Final[dict[str, Callable[[Floats, Floats], float]]] = {
    "mse": _mean_squared_error,
    "r2": _r2,
}
# With one class per row, micro averages of precision and recall are the accuracy.
_CLASSES: Final[dict[str, Callable[[Floats, Floats], float]]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _macro(_f1_of),
    "f1_binary": _binary(_f1_of),
    "f1_macro": _macro(_f1_of),
    "precision": _binary(_precision_of),
    "precision_macro": _macro(_precision_of),
    "precision_micro": _accuracy,
    "recall": _binary(_recall_of),
    "recall_macro": _macro(_recall_of),
    "recall_micro": _accuracy,
}

CUSTOM_METRICS: Final = frozenset(_REGRESSION) | frozenset(_CLASSES)
"""Names that the library itself does not know."""
