"""How good forecasts are.

Source: "Evaluating predictor accuracy" in the guide of Amazon Forecast, whose metrics these are: all but the weighted
quantile loss are of the mean forecast, and each is the mean across the windows of the backtest.
"""

import warnings
from collections.abc import Mapping
from typing import Final

import numpy as np

from sagecraft_containers.automl.problem import Array

from .data.panel import Panel

QUANTILE_LOSS: Final = "AverageWeightedQuantileLoss"


def season_of(steps: int, season: int) -> int:
    """The season of a series, or 1 where it is too short to show two."""
    return season if steps >= 2 * season else 1


def measure(panel: Panel, origins: tuple[int, ...], forecasts: Array) -> dict[str, float]:
    """Every metric by name, and the weighted loss of each quantile as `wQL[0.1]`.

    Args:
        panel: The series.
        origins: The first step of each window.
        forecasts: Shape (windows, series, horizon, answered); what could not be forecast is NaN.
    """
    windows = [_measured(panel, origin, forecast) for origin, forecast in zip(origins, forecasts, strict=True)]
    return {name: float(np.mean([window[name] for window in windows])) for name in windows[0]}


def _measured(panel: Panel, origin: int, forecast: Array) -> dict[str, float]:
    truth = panel.target[:, origin : origin + panel.horizon]
    losses = _losses(panel, truth, forecast)
    total = np.nansum(np.abs(truth))
    error = truth - forecast[:, :, -1]
    absolute = np.abs(error)
    scale = scales(panel, origin)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # of series that have no value in the window
        by_series = np.nanmean(absolute, axis=1) / scale
        shares = absolute / np.where(truth == 0, np.nan, np.abs(truth))
        measured = {
            QUANTILE_LOSS: float(np.mean(list(losses.values()))),
            "MAPE": float(np.nanmean(shares)),
            "MASE": float(np.nanmean(np.where(scale > 0, by_series, np.nan))),
            "RMSE": float(np.sqrt(np.nanmean(error**2))),
            "WAPE": float(np.nansum(absolute) / (total if total > 0 else 1.0)),
        }
    return measured | {f"wQL[{level:g}]": loss for level, loss in losses.items()}


def _losses(panel: Panel, truth: Array, forecast: Array) -> Mapping[float, float]:
    """The weighted loss of each quantile; not weighted where all values are zero."""
    total = np.nansum(np.abs(truth))
    weight = 2 / (total if total > 0 else 1.0)
    losses = {}
    for place, level in enumerate(panel.definition.levels):
        above = truth - forecast[:, :, place]
        losses[level] = float(weight * np.nansum(np.maximum(level * above, (level - 1) * above)))
    return losses


def scales(panel: Panel, origin: int) -> Array:
    """The error of a seasonal naive forecast of each series before a step: what MASE is scaled by."""
    season = season_of(origin, panel.frequency.season)
    past = panel.target[:, :origin]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        scale: Array = np.nanmean(np.abs(past[:, season:] - past[:, :-season]), axis=1)
    return scale
