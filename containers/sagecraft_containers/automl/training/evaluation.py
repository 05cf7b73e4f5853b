"""Fits one candidate and says how good it is, by rows that it has not seen."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.data.dataset import Dataset, Rows
from sagecraft_containers.automl.models.candidate import Candidate, answers_of
from sagecraft_containers.automl.problem import Array, measure

LATENCY: Final = "InferenceLatency"
"""The metric of AWS's leaderboard: seconds for an answer to one row."""
_NOISY_ROWS: Final = 900
_TIE: Final = 1e-3
_TIMED_ROWS: Final = 5
_MEASURED_ROWS: Final = 20_000


@dataclass(frozen=True)
class Evaluation:
    """What became of a candidate.

    Attributes:
        candidate: Which.
        score: Of the objective, by validation.
        validation: Every metric, by rows that were not learnt from.
        train: Every metric, by rows that were.
        answers: To the rows that validate, by models that have not seen them: of folds, the mean of their repeats.
        model: Fitted to all rows of training; or the file that it was put into.
        latency_seconds: For an answer to one row.
        seconds: That all of it took.
    """

    candidate: Candidate
    score: float
    validation: dict[str, float]
    train: dict[str, float]
    answers: Array
    model: Any
    latency_seconds: float
    seconds: float


def worth(dataset: Dataset, measured: Mapping[str, float]) -> float:
    """What candidates and ensembles are chosen by: the objective, so that more is better, and the log loss beside it.

    Of a few hundred rows, the accuracy of two candidates differs by luck, and the best of many is the luckiest. The log
    loss tells more of each row; it counts as much as the accuracy up to 900 rows, and less by the root of their number.
    Of other metrics, which weigh classes in their own way, it decides between equals alone.
    """
    value = dataset.metric.better(measured[dataset.metric.name])
    if not dataset.problem.is_classification:
        return value
    noise = min(1.0, (_NOISY_ROWS / len(dataset.validated())) ** 0.5)
    return value - (noise if dataset.metric.name == "Accuracy" else _TIE) * measured["LogLoss"]


def evaluate(dataset: Dataset, candidate: Candidate, tell: Callable[[str], None] = lambda _line: None) -> Evaluation:
    """Fits a candidate fold after fold, and then to all rows.

    Args:
        dataset: What to learn from and to validate by.
        candidate: What to fit.
        tell: Told a line about each fold.
    """
    begun = time.monotonic()
    with warnings.catch_warnings():
        # Solvers that stop at their limit, categories that a fold has not seen: the score tells what comes of them.
        warnings.simplefilter("ignore")
        answers = _across_folds(dataset, candidate, tell) if len(dataset.folds) else None
        model = _fitted(dataset, candidate, dataset.training)
        validated = dataset.validated()
        if answers is None:
            answers = answers_of(model, dataset.problem, validated.features)
        if not np.isfinite(answers).all():
            raise ArithmeticError("the model's answers are not finite")
        seen = dataset.training.take(np.arange(min(len(dataset.training), _MEASURED_ROWS)))
        train = measure(dataset.problem, seen.target, answers_of(model, dataset.problem, seen.features), seen.weights)
        validation = measure(dataset.problem, validated.target, answers, validated.weights)
        latency = latency_of(dataset, model)
    score = validation[dataset.metric.name]
    return Evaluation(candidate, score, validation, train, answers, model, latency, time.monotonic() - begun)


def _across_folds(dataset: Dataset, candidate: Candidate, tell: Callable[[str], None]) -> Array:
    rows, problem = dataset.training, dataset.problem
    shape = (len(rows), len(dataset.target.classes)) if problem.is_classification else (len(rows),)
    answers = np.zeros(shape)
    for number, (learnt, held) in enumerate(dataset.splits()):
        unseen = rows.take(held)
        part = answers_of(_fitted(dataset, candidate, rows.take(learnt)), problem, unseen.features)
        answers[held] += part
        measured = measure(problem, unseen.target, part, unseen.weights)
        tell(f"fold {number}: " + "; ".join(f"{name}={value:.6f}" for name, value in measured.items()))
    return answers / len(dataset.folds)


def _fitted(dataset: Dataset, candidate: Candidate, rows: Rows) -> Any:
    pipeline = candidate.pipeline(dataset.schema, dataset.problem, len(rows), dataset.seed)
    weights = {} if rows.weights is None else {"model__sample_weight": rows.weights}
    return pipeline.fit(rows.features, rows.target, **weights)


def latency_of(dataset: Dataset, model: Any) -> float:
    """Seconds for an answer to one row: the median of a few."""
    seconds = []
    for place in range(min(_TIMED_ROWS, len(dataset.training))):
        row = dataset.training.features.iloc[[place]]
        begun = time.perf_counter()
        answers_of(model, dataset.problem, row)
        seconds.append(time.perf_counter() - begun)
    return float(np.median(seconds))


def model_of(evaluation: Evaluation) -> Any:
    """The fitted pipeline, from wherever it is."""
    import joblib  # noqa: PLC0415

    return joblib.load(evaluation.model) if isinstance(evaluation.model, Path) else evaluation.model
