"""NPTS: the distribution of what comes is that of what was, the later the likelier.

It is chosen among the four variants of Amazon Forecast by what would have been best before. Source:
https://docs.aws.amazon.com/forecast/latest/dg/aws-forecast-recipe-npts.html
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import QUANTILE_LOSS, measure, season_of
from sagecraft_containers.automl.problem import Array

from .algorithm import Algorithm, Fitted, least

_MOST_STEPS: Final = 2000
_RATES: Final = (0.01, 0.0)
"""By which the weight of a value falls with each step: the default of AWS's exponential kernel, and its uniform one."""


@dataclass(frozen=True)
class _FittedNPTS(Fitted):
    """A variant.

    Attributes:
        seasonal: Whether values of the same place in a season count alone.
        rate: By which their weight falls with each step.
    """

    seasonal: bool
    rate: float

    def forecast(self, panel: Panel, origin: int) -> Array:
        """The next steps of each series."""
        past = panel.target[:, max(0, origin - _MOST_STEPS) : origin]
        season = season_of(past.shape[1], panel.frequency.season) if self.seasonal else 1
        order = np.argsort(past, axis=1)  # NaN last
        ranked = np.take_along_axis(past, order, axis=1)
        known = ~np.isnan(past)
        filled = np.where(known, past, 0.0)
        levels = np.array(panel.definition.levels)
        answered = np.full((len(panel), panel.horizon, len(levels) + 1), np.nan)
        for step in range(panel.horizon):
            weights = np.where(known, self._weights(past.shape[1], step, season), 0.0)
            # A series that has no value at this place of the season takes all of its values.
            weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, known.astype(float))
            total = weights.sum(axis=1)
            with np.errstate(invalid="ignore"):
                answered[:, step, -1] = (weights * filled).sum(axis=1) / total
            cumulated = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
            for place, level in enumerate(levels):
                reached = (cumulated >= level * total[:, None] * (1 - 1e-12)).argmax(axis=1)
                answered[:, step, place] = ranked[np.arange(len(panel)), reached]
        return answered

    def _weights(self, length: int, step: int, season: int) -> Array:
        age = length + step - np.arange(length)
        weights: Array = np.exp(-self.rate * (age - 1))
        return np.where(age % season == 0, weights, 0.0)


class NPTS(Algorithm):
    """A forecaster without a model, which suits sparse and intermittent series."""

    name, candidate = "npts", "tsnpts"

    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Chooses the variant that was best for the last horizon."""
        before = max(1, origin - panel.horizon)
        variants = [
            _FittedNPTS(seasonal=seasonal, rate=rate)
            for seasonal in ((True, False) if season_of(before, panel.frequency.season) > 1 else (False,))
            for rate in _RATES
        ]
        return least((self._loss(variant, panel, before), variant) for variant in variants) or variants[0]

    @staticmethod
    def _loss(variant: _FittedNPTS, panel: Panel, before: int) -> float:
        return measure(panel, (before,), variant.forecast(panel, before)[None])[QUANTILE_LOSS]
