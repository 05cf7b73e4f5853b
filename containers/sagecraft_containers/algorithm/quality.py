"""The metrics of a finished model, summed up batch by batch, by the names that AWS's logs have."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt


class Quality(NamedTuple):
    """One metric.

    Attributes:
        name: AWS's.
        value: What it is.
        kind: `score` where more is better, `loss` where less is.
    """

    name: str
    value: float
    kind: str = "score"


class Found(NamedTuple):
    """What was found of what there is. A share of nothing is 0."""

    accuracy: float
    precision: float
    recall: float


Scored = Iterable[tuple[npt.NDArray[Any], npt.NDArray[Any]]]
"""The scores and the labels of batches of rows."""
_LEAST: Final = 1e-15


def binary_qualities(scored: Scored, threshold: float, beta: float) -> Iterator[Quality]:
    """Those of a binary classifier, whose scores have shape (rows,)."""
    scores, labels = (np.concatenate(parts) for parts in zip(*scored, strict=True))
    said, truth = scores >= np.float32(threshold), labels > 0
    found = found_of(said, truth)
    yield Quality("binary_classification_accuracy", found.accuracy)
    yield Quality(f"binary_f_{beta:.3f}", float(f_beta(found.precision, found.recall, beta)))
    yield Quality("precision", found.precision)
    yield Quality("recall", found.recall)
    if 0 < truth.sum() < len(truth):
        yield Quality("roc_auc_score", _roc_auc(scores, truth))


def factorization_qualities(scored: Scored, threshold: float) -> Iterator[Quality]:
    """Those of a binary classifier of factorization machines, which has no others."""
    rows, right, said, actual, hits, loss = 0, 0, 0, 0, 0, 0.0
    for found, labels in scored:
        scores, truth = np.asarray(found, np.float64), labels > 0
        guess = scores >= threshold
        rows, right = rows + len(labels), right + int((guess == truth).sum())
        said, actual, hits = said + int(guess.sum()), actual + int(truth.sum()), hits + int((guess & truth).sum())
        loss -= float(np.log(np.maximum(np.where(truth, scores, 1 - scores), _LEAST)).sum())
    yield Quality("binary_classification_accuracy", right / rows)
    yield Quality("binary_classification_cross_entropy", loss / rows, "loss")
    yield Quality("binary_f_1.000", float(f_beta(hits / max(said, 1), hits / max(actual, 1), 1.0)))


def multiclass_qualities(scored: Scored, classes: int, top_k: int, beta: float) -> Iterator[Quality]:
    """Those of a classifier of several classes, whose scores have shape (rows, classes)."""
    rows, near, gain, loss = 0, 0, 0.0, 0.0
    counts = np.zeros((classes, classes))
    for scores, labels in scored:
        own = scores[np.arange(len(labels)), labels.astype(np.int64)]
        better = (scores > own[:, None]).sum(axis=1)
        rows, near = rows + len(labels), near + int((better < top_k).sum())
        gain += float((1 / np.log2(better + 2)).sum())
        loss -= float(np.log(np.maximum(own, _LEAST)).sum())
        np.add.at(counts, (labels.astype(np.int64), scores.argmax(axis=1)), 1)
    hits, actual, said = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    recall, precision = hits / np.maximum(actual, 1), hits / np.maximum(said, 1)
    score = f_beta(precision, recall, beta)
    present = (actual > 0) | (said > 0)
    yield Quality("multiclass_accuracy", float(hits.sum() / rows))
    yield Quality(f"multiclass_top_k_accuracy_{top_k}", near / rows)
    yield Quality("dcg", gain / rows)
    yield Quality("macro_recall", float(recall[present].mean()))
    yield Quality("macro_precision", float(precision[present].mean()))
    yield Quality(f"macro_f_{beta:.3f}", float(score[present].mean()))
    yield Quality("multiclass_balanced_accuracy", float(recall[actual > 0].mean()))
    yield Quality("multiclass_log_loss", loss / rows, "loss")


def regression_qualities(scored: Scored) -> Iterator[Quality]:
    """Those of a regressor, whose scores have shape (rows,)."""
    rows, squares, absolutes = 0, 0.0, 0.0
    for scores, labels in scored:
        residuals = labels.astype(np.float64) - scores
        rows, squares = rows + len(labels), squares + float((residuals**2).sum())
        absolutes += float(np.abs(residuals).sum())
    yield Quality("mse", squares / rows, "loss")
    yield Quality("absolute_loss", absolutes / rows, "loss")
    yield Quality("rmse", float(np.sqrt(squares / rows)), "loss")


def f_beta(precision: Any, recall: Any, beta: float) -> Any:
    """The weighted harmonic mean of precision and recall; 0 where both are 0."""
    divisor = beta**2 * precision + recall
    return (1 + beta**2) * precision * recall / np.where(divisor > 0, divisor, 1)


def found_of(said: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> Found:
    """How much of what is said of rows is true, and how much of what is true is said."""
    hits = int((said & truth).sum())
    return Found(float((said == truth).mean()), hits / max(int(said.sum()), 1), hits / max(int(truth.sum()), 1))


def _roc_auc(scores: npt.NDArray[Any], truth: npt.NDArray[np.bool_]) -> float:
    """How often a row that is true has a greater score than one that is not; of equal scores, half of the time."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    true = int(truth.sum())
    return float((ranks[truth].sum() - true * (true + 1) / 2) / (true * (len(truth) - true)))
