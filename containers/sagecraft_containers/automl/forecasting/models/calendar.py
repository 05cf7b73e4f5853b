"""What a time says by itself: its place in the day, the week and the year, and whether it is a holiday."""

from typing import Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.problem import Array

_PARTS: Final = {
    "Y": (),
    "M": ("month",),
    "W": ("month", "day_of_year"),
    "D": ("month", "day", "day_of_week", "day_of_year"),
    "H": ("month", "day", "day_of_week", "hour"),
    "min": ("day", "day_of_week", "hour", "minute"),
}
HOLIDAY: Final = "holiday"


def calendar_names(panel: Panel) -> tuple[str, ...]:
    """Of the columns of `calendar`."""
    holiday = () if panel.definition.holidays is None else (HOLIDAY,)
    return (*_PARTS[panel.frequency.unit], *holiday)


def calendar(panel: Panel, begin: int, end: int) -> Array:
    """What the steps of a range say, shape (steps, columns)."""
    index = pd.DatetimeIndex(panel.times(begin, end))
    columns = [np.asarray(getattr(index, part), float) for part in _PARTS[panel.frequency.unit]]
    if panel.definition.holidays is not None:
        columns.append(_holidays(panel.definition.holidays, pd.DatetimeIndex(panel.times(begin, end + 1))))
    return np.column_stack(columns) if columns else np.empty((len(index), 0))


def _holidays(country: str, index: pd.DatetimeIndex) -> Array:
    """How many holidays there are in each step but the last, which tells when the one before ends."""
    import holidays  # noqa: PLC0415 - of the extra `automl`

    years = range(index[0].year, index[-1].year + 1)
    days = np.sort(np.array(list(holidays.country_holidays(country, years=years)), dtype="datetime64[D]"))
    begin = index.to_numpy().astype("datetime64[D]")
    end = np.maximum(begin[1:], begin[:-1] + np.timedelta64(1, "D"))
    counts: Array = np.searchsorted(days, end) - np.searchsorted(days, begin[:-1])
    return counts.astype(float)
