"""Fills gaps as `Transformations` says.

Sources: `TimeSeriesTransformations` in the SageMaker API reference; "Handling missing values" in the guide of Amazon
Forecast, by which zero is what a target's gaps are filled with where nothing is said, and a statistic is one of the
latest 64 steps.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

_RECENT_STEPS: Final = 64
OF_TARGET: Final = {"middlefill": "zero", "backfill": "zero"}


def fill(values: pd.DataFrame, ways: Mapping[str, str], steps: int) -> pd.DataFrame:
    """Values without the gaps that are to be filled.

    Args:
        values: A column for each series, a row for each step; NaN is a gap.
        ways: The filling methods of the column.
        steps: So many steps are of the past; what follows is the future.
    """
    observed = values.notna().to_numpy()
    past = (np.arange(len(values)) < steps)[:, None]
    begun = np.maximum.accumulate(observed, axis=0)
    goes_on = np.maximum.accumulate((observed & past)[::-1], axis=0)[::-1]
    gaps = {
        "middlefill": ~observed & begun & goes_on,
        "backfill": ~observed & begun & ~goes_on & past,
        "futurefill": ~observed & ~past,
    }
    for place, gap in gaps.items():
        if place in ways and gap.any():
            values = values.mask(gap, _filling(values, ways[place], ways.get(f"{place}_value")))
    return values


def fill_static(values: pd.DataFrame) -> pd.DataFrame:
    """Values that are the same at each step of a series, at all of its steps."""
    same = np.broadcast_to(values.nunique().to_numpy() == 1, values.shape)
    return values.mask(same, values.bfill().ffill())


def _filling(values: pd.DataFrame, method: str, value: str | None) -> Any:
    if method == "zero":
        return 0.0
    if method == "value":
        return float(value or 0)
    recent = getattr(values.rolling(_RECENT_STEPS, min_periods=1), method)()
    return recent.ffill()
