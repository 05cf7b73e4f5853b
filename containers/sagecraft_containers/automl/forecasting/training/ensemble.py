"""Combines candidates: their quantiles are averaged, with weights that fall steeply with what each lost in the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.problem import Array

from .backtest import Backtest, origins

_STEEPNESS: Final = 8
"""The power of a loss that a weight falls with: who loses a tenth more has less than half of the weight."""
_LEAST_WEIGHT: Final = 0.05


@dataclass(frozen=True)
class Ensemble:
    """Candidates with weights.

    Attributes:
        members: Those with a weight.
        weights: Their shares.
        forecasts: Of each window, as those of a candidate.
        measured: Every metric.
        latency_seconds: For the forecast of one series: the members answer one after the other.
    """

    members: tuple[Backtest, ...]
    weights: tuple[float, ...]
    forecasts: Array
    measured: dict[str, float]
    latency_seconds: float


def combine(panel: Panel, backtests: Sequence[Backtest]) -> Ensemble:
    """The candidates by their losses, or the best one alone where it has lost less than all together.

    The weights are not searched, as those of a table are: a few windows of a few series are so few that the search
    finds what fits them by luck.
    """
    objective = panel.definition.objective
    losses = np.array([each.measured[objective] for each in backtests])
    losses = np.where(np.isfinite(losses), losses, np.inf)
    best = int(np.argmin(losses))
    alone = _ensemble(panel, [backtests[best]], (1.0,))
    if not losses[best] > 0 or not np.isfinite(losses[best]):
        return alone
    shares = (losses[best] / losses) ** _STEEPNESS
    shares = np.where(shares / shares.sum() < _LEAST_WEIGHT, 0.0, shares)
    chosen = [each for each, share in zip(backtests, shares, strict=True) if share > 0]
    weights = shares[shares > 0] / shares.sum()
    together = _ensemble(panel, chosen, tuple(float(weight) for weight in weights))
    return together if together.measured[objective] < losses[best] else alone


def _ensemble(panel: Panel, members: Sequence[Backtest], weights: tuple[float, ...]) -> Ensemble:
    forecasts: Array = np.average([each.forecasts for each in members], axis=0, weights=weights)
    latency = sum(each.latency_seconds for each in members)
    return Ensemble(tuple(members), weights, forecasts, measure(panel, origins(panel), forecasts), latency)
