"""Which training jobs of a tuning job are hopeless, told by the objective as their logs report it.

Source: "Stop Training Jobs Early" in the developer guide for the median rule; "Massively Parallel Hyperparameter
Tuning" (Li et al., 2018) for Hyperband's brackets without waiting.
"""

import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Final, Protocol

MIN_CURVES: Final = 3
"""The median rule needs so many training jobs that have ended."""
REDUCTION: Final = 3
"""Hyperband lets one of so many go on."""

IsBetter = Callable[[float, float], bool]


class StoppingRule(Protocol):
    """Decides on training jobs, which are told apart by the numbers of their launch."""

    def report(self, number: int, value: float) -> bool:
        """Takes the next value of a training job's objective; whether to stop it."""

    def ended(self, number: int) -> None:
        """A training job has ended."""

    def values(self, number: int) -> Sequence[float]:
        """What a training job has reported."""


class MedianRule:
    """Stops a training job whose objective is worse than the median of the others' running averages up to there.

    Args:
        is_better: Whether a value is better than another.
    """

    def __init__(self, is_better: IsBetter) -> None:
        self._is_better = is_better
        self._values: dict[int, list[float]] = {}
        self._averages: dict[int, list[float]] = {}

    def report(self, number: int, value: float) -> bool:
        """Takes the next value of a training job's objective; whether to stop it."""
        values = self._values.setdefault(number, [])
        values.append(value)
        step = len(values) - 1
        others = [averages[step] for averages in self._averages.values() if step < len(averages)]
        return len(others) >= MIN_CURVES and self._is_better(statistics.median(others), value)

    def ended(self, number: int) -> None:
        """A training job has ended: others are compared with it from now on."""
        values = self._values.get(number, [])
        sums = itertools.accumulate(values)
        self._averages[number] = [total / count for count, total in enumerate(sums, start=1)]

    def values(self, number: int) -> Sequence[float]:
        """What a training job has reported."""
        return self._values.get(number, [])


class Hyperband:
    """Successive halving in brackets: at each rank, a third of the training jobs that came to it goes on.

    A resource is one report of the objective, such as an epoch. A training job is compared at a rank with those that
    came to it before, and never waits for others. Brackets differ in how early they begin to stop; a training job has
    its bracket by its number.

    Args:
        is_better: Whether a value is better than another.
        min_resource: No training job is stopped before it.
        max_resource: A training job that goes on after it is stopped.
    """

    def __init__(self, is_better: IsBetter, min_resource: int, max_resource: int) -> None:
        self._is_better, self._min, self._max = is_better, min_resource, max_resource
        self._values: dict[int, list[float]] = {}
        self._ranks: dict[tuple[int, int], list[float]] = {}
        count = 1 + int(math.log(max_resource / min_resource, REDUCTION) + 1e-9)
        # As many training jobs of a bracket as use up about the same resources.
        self._brackets = [
            bracket
            for bracket in range(count)
            for _ in range(math.ceil(count / (bracket + 1) * REDUCTION ** (count - 1 - bracket) / count))
        ]

    def bracket(self, number: int) -> int:
        """The bracket of a training job; 0 stops the earliest."""
        return self._brackets[number % len(self._brackets)]

    def report(self, number: int, value: float) -> bool:
        """Takes the next value of a training job's objective; whether to stop it."""
        values = self._values.setdefault(number, [])
        values.append(value)
        resource, bracket = len(values), self.bracket(number)
        if resource > self._max:
            return True
        rank = self._min * REDUCTION**bracket
        while rank < resource:
            rank *= REDUCTION
        if rank != resource or resource == self._max:
            return False
        best = values[0]
        for each in values:
            best = each if self._is_better(each, best) else best
        competitors = self._ranks.setdefault((bracket, rank), [])
        competitors.append(best)
        better = sum(self._is_better(other, best) for other in competitors)
        return better >= max(1, len(competitors) // REDUCTION)

    def ended(self, number: int) -> None:
        """A training job has ended; what it reported at its ranks stays."""

    def values(self, number: int) -> Sequence[float]:
        """What a training job has reported."""
        return self._values.get(number, [])
