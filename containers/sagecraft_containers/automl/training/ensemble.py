"""Combines candidates: each has a vote of a weight that was found by their answers to rows which they had not seen."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.data.dataset import Dataset, Rows
from sagecraft_containers.automl.models.together import Together
from sagecraft_containers.automl.problem import Array, measure

from .evaluation import Evaluation, model_of, worth

_ROUNDS: Final = 25
_POOL: Final = 12
"""Of more candidates the worse are left out: among many, some fit by luck."""


@dataclass(frozen=True)
class Ensemble:
    """Candidates with weights.

    Attributes:
        members: Those with a weight.
        weights: Whole numbers.
        score: Of the objective, by the answers that the weights were found by.
        validation: Every metric, by the same.
        answers: The members', weighed.
    """

    members: tuple[Evaluation, ...]
    weights: tuple[int, ...]
    score: float
    validation: dict[str, float]
    answers: Array

    def estimator(self) -> Any:
        """The fitted members, whose answers are weighed."""
        models = [model_of(each) for each in self.members]
        return models[0] if len(models) == 1 else Together(models, self.weights)


def combine(dataset: Dataset, evaluations: Sequence[Evaluation], deadline: float = np.inf) -> Ensemble:
    """The weights that validate best: the candidate that helps most gets one more, again and again.

    So do AutoGluon and auto-sklearn (Caruana et al., "Ensemble selection from libraries of models", 2004). Kept is the
    best of all rounds by `worth`, so that it is never worth less than the best candidate alone.

    Args:
        dataset: What was learnt from.
        evaluations: The candidates.
        deadline: On the monotonic clock: no round but the first begins later.
    """
    rows = dataset.validated()
    evaluations = sorted(evaluations, key=lambda each: worth(dataset, each.validation), reverse=True)[:_POOL]
    total = np.zeros_like(evaluations[0].answers)
    chosen: list[int] = []
    best: tuple[float, list[int]] = (-np.inf, [])
    for size in range(1, _ROUNDS + 1):
        if chosen and time.monotonic() > deadline:
            break
        values = [_value(dataset, rows, (total + each.answers) / size) for each in evaluations]
        place = int(np.argmax(values))
        total = total + evaluations[place].answers
        chosen.append(place)
        if values[place] > best[0] + 1e-9:
            best = (values[place], list(chosen))
    counts = Counter(best[1])
    members = tuple(evaluations[place] for place in counts)
    weights = tuple(counts.values())
    answers = np.average([each.answers for each in members], axis=0, weights=weights)
    validation = measure(dataset.problem, rows.target, answers, rows.weights)
    return Ensemble(members, weights, validation[dataset.metric.name], validation, answers)


def _value(dataset: Dataset, rows: Rows, answers: Array) -> float:
    names = (dataset.metric.name, *(["LogLoss"] if dataset.problem.is_classification else []))
    measured = measure(dataset.problem, rows.target, answers, rows.weights, names)
    return worth(dataset, measured)
