"""What an algorithm is: it learns from series before a step, and forecasts from any."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from scipy import stats

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.problem import Array

_FEW: Final = 4


class Fitted(ABC):
    """What an algorithm has learnt."""

    @abstractmethod
    def forecast(self, panel: Panel, origin: int) -> Array:
        """The next steps of each series, shape (series, horizon, answered); NaN where a series has no value before.

        Args:
            panel: The series; also others than those that were learnt from.
            origin: The first step to forecast. Nothing of a target from there on is looked at.
        """


class Algorithm(ABC):
    """One that candidates may be of.

    Attributes:
        name: As `AutoMLAlgorithms` of the API has it, where that does.
        candidate: What the name of its candidate ends with; as on AWS, where that has it.
    """

    name: str
    candidate: str

    @abstractmethod
    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Learns from what lies before a step."""


class ByItself(Fitted):
    """Forecasts each series by itself, and anew for each request: what is kept is the form that was found for it.

    Args:
        seed: Of what is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._forms: dict[tuple[str, ...], Any] = {}

    def learn(self, panel: Panel, origin: int) -> "ByItself":
        """Finds the form of each series."""
        for place, key in enumerate(panel.keys):
            values = panel.target[place, :origin]
            values = values[~np.isnan(values)]
            if len(values) > _FEW:
                self._forms[key] = self.form(values, panel.frequency.season)
        return self

    @abstractmethod
    def form(self, values: Array, season: int) -> Any:
        """The form of a series that suits it, of five values or more."""

    @abstractmethod
    def series(self, panel: Panel, place: int, origin: int, form: Any) -> Array:
        """The next steps of one series, shape (horizon, answered)."""

    def forecast(self, panel: Panel, origin: int) -> Array:
        """The next steps of each series."""
        answered = np.full((len(panel), panel.horizon, len(panel.definition.answered)), np.nan)
        for place, key in enumerate(panel.keys):
            values = panel.target[place, :origin]
            values = values[~np.isnan(values)]
            if len(values) == 0:
                continue
            if len(values) <= _FEW:
                answered[place] = naive(values, panel)
                continue
            form = self._forms.get(key)
            if form is None:
                form = self.form(values, panel.frequency.season)
            answered[place] = self.series(panel, place, origin, form)
        return answered


def naive(values: Array, panel: Panel) -> Array:
    """The last value, and how far values stray from one to the next: of series that nothing can be learnt from."""
    deviation = float(np.std(np.diff(values))) if len(values) > 1 else 0.0
    spread = deviation * np.sqrt(np.arange(1, panel.horizon + 1))
    return normal(np.full(panel.horizon, values[-1]), spread, panel)


def normal(mean: Array, deviation: Array, panel: Panel) -> Array:
    """Quantiles and mean of normal distributions, shape (horizon, answered)."""
    levels = stats.norm.ppf(panel.definition.levels)
    return np.column_stack([mean[:, None] + deviation[:, None] * levels, mean])


def log_normal(mean: Array, deviation: Array, panel: Panel) -> Array:
    """The same where the logarithms are normal."""
    answered = np.exp(normal(mean, deviation, panel))
    answered[:, -1] = np.exp(mean + deviation**2 / 2)
    return answered


def of_samples(samples: Array, panel: Panel) -> Array:
    """Quantiles and mean of samples, shape (horizon, samples)."""
    levels = np.quantile(samples, panel.definition.levels, axis=1).T
    return np.column_stack([levels, samples.mean(axis=1)])


def least(candidates: Iterable[tuple[float, Any]]) -> Any:
    """What belongs to the least finite number; None where there is none."""
    finite = [each for each in candidates if np.isfinite(each[0])]
    return min(finite, key=lambda each: each[0])[1] if finite else None
