"""How a tuning job chooses hyperparameters: Optuna's samplers, asked anew for each choice.

A choice is a function of the seed, its number and the observations that it may know: nothing else is remembered. So the
same seed gives the same choices, and a search goes on after a restart as if there had been none. A choice of the
Bayesian strategy knows exactly the results of the first `TuningSearch.known(number)` choices, never more, even where
more have ended; those after them count as running. Then it does not matter in which order training jobs that run at
once come to their end: with objectives that depend on the hyperparameters alone, the choices are the same in every run.
What can differ between runs is the final objective of a training job that was stopped early.
"""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from .definition import TuningDefinition
from .range import ParameterRange

STARTUP_CHOICES: Final = 10
"""So many choices of the Bayesian strategy are random, before there is something to learn from."""
_ATTEMPTS: Final = 20

Tuned = Mapping[str, str]
"""Values of the hyperparameters, as text."""


@dataclass(frozen=True)
class Observation:
    """What came of a choice.

    Attributes:
        definition: The definition's index.
        tuned: What was chosen.
        value: The final objective; None when there is none, or none yet.
        has_ended: Whether there will be none any more.
    """

    definition: int
    tuned: Tuned
    value: float | None
    has_ended: bool


@dataclass(frozen=True)
class Choice:
    """What to try next.

    Attributes:
        definition: The definition's index.
        tuned: The hyperparameters.
    """

    definition: int
    tuned: Tuned


class TuningSearch:
    """Chooses hyperparameters. Several definitions take turns, each with a search of its own.

    Args:
        strategy: `Bayesian`, `Random`, `Hyperband` or `Grid`.
        definitions: What is searched.
        seed: Makes the choices repeatable.
        parallel: How many training jobs run at once.
        learned: What is known before the first choice, of a warm start.
    """

    def __init__(
        self,
        strategy: str,
        definitions: Sequence[TuningDefinition],
        seed: int,
        parallel: int = 1,
        learned: Sequence[Observation] = (),
    ) -> None:
        self._strategy, self._seed, self._parallel, self._learned = strategy, seed, parallel, learned
        self._spaces = [_Space(definition) for definition in definitions]
        self._grid = (
            [Choice(index, tuned) for index, space in enumerate(self._spaces) for tuned in space.grid()]
            if strategy == "Grid"
            else None
        )

    @property
    def size(self) -> int | None:
        """How many choices there are; None where there is no end to them."""
        return None if self._grid is None else len(self._grid)

    def known(self, number: int) -> int:
        """How many of the first choices must have ended before a choice.

        Twice the jobs at once, but one: enough that a slow training job seldom keeps a core from work.
        """
        return max(0, number - 2 * (self._parallel - 1)) if self._strategy == "Bayesian" else 0

    def choose(self, number: int, observations: Sequence[Observation]) -> Choice:
        """The choice of a number, counted from 0.

        Args:
            number: Less than `size`.
            observations: Of all choices before, in their order.
        """
        if self._grid is not None:
            return self._grid[number]
        index = number % len(self._spaces)
        space, known = self._spaces[index], self.known(number)
        seen = [each.tuned for each in (*self._learned, *observations) if each.definition == index]
        history: list[FrozenTrial] = []
        if self._strategy == "Bayesian":
            history = [
                *(space.trial(each, is_known=True) for each in self._learned if space.holds(each.tuned)),
                *(
                    space.trial(each, is_known=position < known)
                    for position, each in enumerate(observations)
                    if each.definition == index
                ),
            ]
        tuned: Tuned = {}
        for attempt in range(_ATTEMPTS):
            tuned = space.sample(self._sampler(number, attempt), history)
            if tuned not in seen:
                break
        return Choice(index, tuned)

    def _sampler(self, number: int, attempt: int) -> optuna.samplers.BaseSampler:
        digest = hashlib.sha256(f"{self._seed}/{number}/{attempt}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        if self._strategy == "Bayesian":
            return optuna.samplers.TPESampler(
                seed=seed, multivariate=True, constant_liar=True, n_startup_trials=STARTUP_CHOICES
            )
        return optuna.samplers.RandomSampler(seed=seed)


class _Space:
    """The ranges of one definition as Optuna knows them."""

    def __init__(self, definition: TuningDefinition) -> None:
        self._ranges = {each.name: each for each in definition.ranges}
        self._distributions = {each.name: _distribution(each) for each in definition.ranges}
        maximize, minimize = optuna.study.StudyDirection.MAXIMIZE, optuna.study.StudyDirection.MINIMIZE
        self._direction = maximize if definition.objective_type == "Maximize" else minimize

    def grid(self) -> list[Tuned]:
        """All combinations of categorical values."""
        values = [each.values for each in self._ranges.values()]
        return [dict(zip(self._ranges, combination, strict=True)) for combination in itertools.product(*values)]

    def holds(self, tuned: Tuned) -> bool:
        """Whether values of another tuning job lie in this space."""
        return all(name in tuned and each.holds(tuned[name]) for name, each in self._ranges.items())

    def trial(self, observation: Observation, *, is_known: bool) -> FrozenTrial:
        """An observation as Optuna knows it."""
        if not is_known or not observation.has_ended:
            state = TrialState.RUNNING
        else:
            state = TrialState.FAIL if observation.value is None else TrialState.COMPLETE
        return optuna.trial.create_trial(
            state=state,
            value=observation.value if state == TrialState.COMPLETE else None,
            params={name: self._read(name, observation.tuned) for name in self._ranges},
            distributions=self._distributions,
        )

    def sample(self, sampler: optuna.samplers.BaseSampler, history: Sequence[FrozenTrial]) -> Tuned:
        """Values that a sampler chooses."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=sampler, direction=self._direction)
        study.add_trials(history)
        params = study.ask(self._distributions).params
        return {name: self._write(name, params[name]) for name in self._ranges}

    def _read(self, name: str, tuned: Tuned) -> Any:
        text, distribution = tuned[name], self._distributions[name]
        if isinstance(distribution, CategoricalDistribution):
            return text
        value = float(text)
        if self._ranges[name].scale == "ReverseLogarithmic":
            low, high = self._ranges[name].bounds
            return min(max(1 - value, 1 - high), 1 - low)
        return int(value) if isinstance(distribution, IntDistribution) else value

    def _write(self, name: str, value: Any) -> str:
        each = self._ranges[name]
        if each.kind == "Continuous":
            low, high = each.bounds
            number = 1 - value if each.scale == "ReverseLogarithmic" else value
            return repr(min(max(float(number), low), high))
        return str(value)


def _distribution(each: ParameterRange) -> BaseDistribution:
    if each.kind == "Categorical":
        return CategoricalDistribution(each.values)
    low, high = each.bounds
    match each.kind, each.scale:
        case "Integer", scale:
            return IntDistribution(int(low), int(high), log=scale == "Logarithmic")
        case _, "ReverseLogarithmic":
            return FloatDistribution(1 - high, 1 - low, log=True)
        case _, scale:
            return FloatDistribution(low, high, log=scale == "Logarithmic")
