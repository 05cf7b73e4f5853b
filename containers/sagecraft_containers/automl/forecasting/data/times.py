"""How the times of a column are written.

Source of the forms that SageMaker reads, of which Z alone tells a zone:
https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-time-series.html
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.frequency import Times
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import DataError

if TYPE_CHECKING:
    Column = pd.Series[Any]

ISO: Final = "ISO8601"
_FORMS: Final = (
    ISO,
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%y %H:%M",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%d-%m-%y",
)
"""In SageMaker's order: where both can be meant, the month comes first."""
_DAY_FIRST: Final = {"%m/%d/%Y": "%d/%m/%Y", "%m/%d/%y": "%d/%m/%y"}
_EXAMPLE: Final = datetime(2024, 1, 31, 18)
_OFFSET: Final = r"\d[T ].*[+-](?!00:?(?:00)?$)\d\d:?(?:\d\d)?$"
"""Of a text: a time of day that is followed by its distance from UTC, other than zero."""


def time_form(values: "Column") -> str:
    """The form that all of a column's times have; that of ISO 8601 where none is."""
    present = values.dropna()
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return ISO
    return next((form for form in _FORMS if _has_form(present, form)), ISO)


def is_ambiguous(values: "Column", form: str) -> bool:
    """Whether the days and months of a column could be meant the other way round."""
    return form in _DAY_FIRST and _has_form(values.dropna(), _DAY_FIRST[form])


def told(form: str) -> str:
    """A form as a person writes it down, such as `01/31/2024`."""
    return "2024-01-31 or 2024-01-31 18:00:00" if form == ISO else _EXAMPLE.strftime(form)


def times_of(values: "Column", name: str, source: str, form: str) -> Times:
    """The times of a column.

    Args:
        values: As they are in the data.
        name: Of the column.
        source: What the data are called in messages.
        form: How they are written.

    Raises:
        DataError: One is missing, or is not what is to be; the message has the row.
    """
    missing = values.isna().to_numpy()
    if missing.any():
        raise DataError(f"row {_first(missing)} has no '{name}'", source=source)
    if pd.api.types.is_numeric_dtype(values):
        raise DataError(f"'{name}' has numbers, such as {values.iloc[0]}, in place of times", source=source)
    parsed = _parsed(values, form)
    wrong = parsed.isna().to_numpy()
    if wrong.any():
        row = _first(wrong)
        raise DataError(
            f"row {row} has '{values.iloc[row - 1]}' as '{name}', which is no time that can be read; write it as "
            f"{told(form)}",
            source=source,
        )
    distant = _has_offset(values)
    if distant.any():
        row = _first(distant)
        raise DataError(
            f"row {row} has '{values.iloc[row - 1]}' as '{name}', a time that is told by its distance from UTC; write "
            "what the clock of the place shows, as 2024-01-31 18:00:00",
            source=source,
        )
    times: Times = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return times


def _has_form(values: "Column", form: str) -> bool:
    return not _parsed(values.head(1), form).isna().any() and not _parsed(values, form).isna().any()


def _parsed(values: "Column", form: str) -> "Column":
    parsed: Column = pd.to_datetime(values, format=form, errors="coerce", utc=True)
    return parsed


def _has_offset(values: "Column") -> Array:
    """Which times are told by a distance from UTC, by which a day's value would be booked on another day."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return (values.dt.tz_localize(None) != values.dt.tz_convert(None)).to_numpy()
    if pd.api.types.is_datetime64_dtype(values):
        return np.zeros(len(values), bool)
    return values.astype("str").str.contains(_OFFSET).to_numpy(bool)


def _first(found: Array) -> int:
    """The row of the first one, from 1."""
    return int(np.argmax(found)) + 1
