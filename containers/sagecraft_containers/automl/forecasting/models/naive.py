"""What every forecast has to beat: things are as they were a season ago."""

import warnings

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import season_of
from sagecraft_containers.automl.problem import Array

from .algorithm import normal


def seasonal_naive(panel: Panel, origin: int) -> Array:
    """The value of a season before, with the spread of the differences from one season to the next."""
    past, steps = panel.target[:, :origin], np.arange(panel.horizon)
    season = season_of(origin, panel.frequency.season)
    again = steps // season + 1
    mean = past[:, origin + steps - season * again]
    mean = np.where(np.isnan(mean), past[:, [-1]], mean)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of series that have not begun
        spread = np.nan_to_num(np.nanstd(past[:, season:] - past[:, :-season], axis=1))
    return np.stack([normal(each, one * np.sqrt(again), panel) for each, one in zip(mean, spread, strict=True)])
