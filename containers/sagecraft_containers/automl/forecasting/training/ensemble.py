"""Combines candidates: their quantiles are averaged with the weights that were best for the windows of the past."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.problem import Array

from .backtest import Backtest, origins

_ROUNDS: Final = 20


@dataclass(frozen=True)
class Ensemble:
    """Candidates with weights.

    Attributes:
        members: Those with a weight.
        weights: Whole numbers.
        forecasts: Of each window, as those of a candidate.
        measured: Every metric.
        latency_seconds: For the forecast of one series: the members answer one after the other.
    """

    members: tuple[Backtest, ...]
    weights: tuple[int, ...]
    forecasts: Array
    measured: dict[str, float]
    latency_seconds: float


def combine(panel: Panel, backtests: Sequence[Backtest]) -> Ensemble:
    """The weights with the least objective: the candidate that helps most gets one more, again and again.

    So are the candidates of a table combined, too. Kept is the best of all rounds, so that it is never worse than the
    best candidate alone.
    """
    name, windows = panel.definition.objective, origins(panel)
    total = np.zeros_like(backtests[0].forecasts)
    chosen: list[int] = []
    best: tuple[float, list[int]] = (np.inf, [0])
    for size in range(1, _ROUNDS + 1):
        values = [_value(panel, windows, name, (total + each.forecasts) / size) for each in backtests]
        place = int(np.argmin(values))
        total = total + backtests[place].forecasts
        chosen.append(place)
        if values[place] < best[0] - 1e-12:
            best = (values[place], list(chosen))
    counts = Counter(best[1])
    members = tuple(backtests[place] for place in counts)
    weights = tuple(counts.values())
    forecasts = np.average([each.forecasts for each in members], axis=0, weights=weights)
    latency = sum(each.latency_seconds for each in members)
    return Ensemble(members, weights, forecasts, measure(panel, windows, forecasts), latency)


def _value(panel: Panel, windows: tuple[int, ...], name: str, forecasts: Array) -> float:
    value = measure(panel, windows, forecasts)[name]
    return value if np.isfinite(value) else np.inf
