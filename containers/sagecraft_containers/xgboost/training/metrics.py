"""The metrics that AWS's XGBoost container adds to those of the library.

They follow scikit-learn's definitions, with 0 for a quotient whose divisor is 0. Source of the names: the catalog; of
their meaning: AWS's XGBoost container.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

PRECISION: Final = "map"
"""The library's own, but where an image's library had another one: see `image.ranks_by_precision`."""

Floats = npt.NDArray[np.floating[Any]]
Counts = npt.NDArray[np.float64]
Evaluation = Callable[[Floats, Any], list[tuple[str, float]]]
Gather = Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[Any]]]

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


def evaluation(names: Sequence[str], objective: str, gather: Gather | None = None) -> Evaluation:
    """A function for `xgboost.train(custom_metric=…)` that computes the named metrics, in their order.

    Args:
        names: Some of `CUSTOM_METRICS`, and `PRECISION`.
        objective: The job's objective; it says what the predictions are.
        gather: Gives what each host of the job holds, where there are several: the metrics are those of all rows.
    """
    of_classes = [name for name in names if name in _CLASSES]
    of_values = [name for name in names if name in _REGRESSION]

    def evaluate(predictions: Floats, matrix: Any) -> list[tuple[str, float]]:
        labels = matrix.get_label()
        scores: dict[str, float] = {}
        if of_values:
            moments = Moments.of(labels, predictions)
            if gather is not None:
                moments = Moments.sum(Moments(*values) for values in gather(np.array(moments)))
            scores |= {name: _REGRESSION[name](moments) for name in of_values}
        if of_classes:
            counts = _confusion(labels, _classes(predictions, objective))
            if gather is not None:
                counts = _added(gather(counts))
            scores |= {name: _CLASSES[name](counts) for name in of_classes}
        if PRECISION in names:
            summed = np.array(_precisions(labels, predictions, matrix.get_uint_info("group_ptr")))
            precisions, groups = summed if gather is None else np.sum(gather(summed), axis=0)
            scores[PRECISION] = float(precisions / groups)
        return [(name, scores[name]) for name in names]

    return evaluate


def _precisions(labels: Floats, predictions: Floats, groups: npt.NDArray[Any]) -> tuple[float, float]:
    """The sum of the average precisions of groups, and how many there are; one in which nothing is wanted has 1."""
    total, bounds = 0.0, groups if len(groups) else np.array([0, len(labels)])
    for begin, end in itertools.pairwise(bounds.tolist()):
        best_first = np.argsort(-predictions[begin:end], kind="stable")
        wanted = labels[begin:end][best_first] > 0
        hits = np.cumsum(wanted)[wanted]
        total += float(np.mean(hits / (np.flatnonzero(wanted) + 1))) if len(hits) else 1.0
    return total, len(bounds) - 1


def _classes(predictions: Floats, objective: str) -> Floats:
    if predictions.ndim > 1:
        return np.asarray(predictions.argmax(axis=1), np.float32)
    if objective == "multi:softmax":
        return predictions
    threshold = 0.0 if objective == "binary:logitraw" else _BINARY_THRESHOLD
    return np.asarray(predictions > threshold, np.float32)


class Moments(NamedTuple):
    """What regression metrics need to know of labels and predictions, and what of several hosts adds up."""

    rows: float
    mean: float
    spread: float
    residual: float

    @classmethod
    def of(cls, labels: Floats, predictions: Floats) -> "Moments":
        """Those of some rows; `spread` and `residual` are sums of squares."""
        if not len(labels):
            return cls(0, 0, 0, 0)
        labels = labels.astype(np.float64)
        mean = float(labels.mean())
        residual = float(np.sum((labels - predictions.reshape(labels.shape)) ** 2))
        return cls(len(labels), mean, float(np.sum((labels - mean) ** 2)), residual)

    @classmethod
    def sum(cls, parts: "Iterable[Moments]") -> "Moments":
        """Those of all rows together, from those of parts."""
        total = cls(0, 0, 0, 0)
        for part in parts:
            rows = total.rows + part.rows
            if not part.rows:
                continue
            apart = part.mean - total.mean
            total = cls(
                rows,
                total.mean + apart * part.rows / rows,
                total.spread + part.spread + apart**2 * total.rows * part.rows / rows,
                total.residual + part.residual,
            )
        return total


def _r2(moments: Moments) -> float:
    if moments.spread == 0:
        return 1.0 if moments.residual == 0 else 0.0
    return 1 - moments.residual / moments.spread


def _confusion(labels: Floats, classes: Floats) -> Counts:
    """How often each pair of label and class occurs: shape (pairs, 3), of label, class and count."""
    values = np.unique(np.concatenate([labels, classes]))
    # One number a pair, which is faster to count than pairs are.
    pairs = np.searchsorted(values, labels) * len(values) + np.searchsorted(values, classes)
    found, counts = np.unique(pairs, return_counts=True)
    return np.column_stack([values[found // len(values)], values[found % len(values)], counts]).astype(np.float64)


def _added(parts: Sequence[Counts]) -> Counts:
    whole = np.concatenate(parts)
    pairs, place = np.unique(whole[:, :2], axis=0, return_inverse=True)
    return np.column_stack([pairs, np.bincount(place.reshape(-1), weights=whole[:, 2], minlength=len(pairs))])


def _accuracy(counts: Counts) -> float:
    return float(counts[counts[:, 0] == counts[:, 1], 2].sum() / counts[:, 2].sum())


def _balanced_accuracy(counts: Counts) -> float:
    return float(np.mean([_recall_of(counts, each) for each in np.unique(counts[:, 0])]))


def _totals(counts: Counts, positive: float) -> tuple[float, float, float]:
    """True positives, predicted positives and actual positives of one class."""
    actual, predicted = counts[:, 0] == positive, counts[:, 1] == positive
    return (
        float(counts[actual & predicted, 2].sum()),
        float(counts[predicted, 2].sum()),
        float(counts[actual, 2].sum()),
    )


def _quotient(dividend: float, divisor: float) -> float:
    return dividend / divisor if divisor else 0.0


def _precision_of(counts: Counts, positive: float) -> float:
    hits, predicted, _ = _totals(counts, positive)
    return _quotient(hits, predicted)


def _recall_of(counts: Counts, positive: float) -> float:
    hits, _, actual = _totals(counts, positive)
    return _quotient(hits, actual)


def _f1_of(counts: Counts, positive: float) -> float:
    hits, predicted, actual = _totals(counts, positive)
    return _quotient(2 * hits, predicted + actual)


def _binary(score: Callable[[Counts, float], float]) -> Callable[[Counts], float]:
    return lambda counts: score(counts, 1)


def _macro(score: Callable[[Counts, float], float]) -> Callable[[Counts], float]:
    return lambda counts: float(np.mean([score(counts, float(each)) for each in np.unique(counts[:, :2])]))


_REGRESSION: Final[dict[str, Callable[[Moments], float]]] = {
    "mse": lambda moments: moments.residual / moments.rows,
    "r2": _r2,
}
# With one class per row, micro averages of precision and recall are the accuracy.
_CLASSES: Final[dict[str, Callable[[Counts], float]]] = {
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
