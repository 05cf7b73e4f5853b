"""The rows of a table as what they tell: of which series, at which time, which value, and what goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.definition import ForecastDefinition
from sagecraft_containers.automl.forecasting.frequency import Times
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import DataError, UserError

from .times import time_form, times_of

_SHOWN: Final = 10
_GREATEST: Final = float(np.finfo(np.float32).max)
"""Algorithms that learn from many series reckon in 32 bits; what is greater is infinite to them."""
if TYPE_CHECKING:
    Column = pd.Series[Any]


@dataclass(frozen=True)
class Rows:
    """Rows, one after the other.

    Attributes:
        keys: What tells the series apart, as text.
        times: Of each row.
        target: Its value; NaN where it has none, as a row of the future.
        related: The further columns, as they are.
    """

    keys: pd.DataFrame
    times: Times
    target: Array
    related: pd.DataFrame


def rows_of(frame: pd.DataFrame, definition: ForecastDefinition, source: str) -> Rows:
    """Those of a table.

    Args:
        frame: With text for what stands in CSV.
        definition: Says which column is what.
        source: What it is called in messages.

    Raises:
        UserError: A column is not there.
        DataError: A time, a value or what tells the series apart is not what it is to be; the message has the row.
    """
    names = list(frame.columns)
    roles = {definition.target: "target", definition.timestamp: "timestamp", definition.item: "item identifier"}
    roles |= dict.fromkeys(definition.groups, "grouping attribute") | dict.fromkeys(
        definition.features or (), "feature"
    )
    for name, role in roles.items():
        if name not in names:
            told = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
            raise UserError(f"The {role} column '{name}' is not in the data; the columns are {told}.")
    own = {definition.target, definition.timestamp, *definition.keys}
    others = [name for name in names if name not in own and name in (definition.features or names)]
    keys = pd.DataFrame({name: _key(frame[name], name, source) for name in definition.keys})
    written = frame[definition.timestamp]
    times = times_of(written, definition.timestamp, source, definition.time_form or time_form(written))
    target = checked_numbers(frame[definition.target], definition.target, source, "what is forecast")
    return Rows(keys, times, target.to_numpy(), frame[others])


def numbers_of(values: "Column") -> "Column":
    """Text as numbers, with NaN for what is none."""
    numbers: pd.Series[Any] = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers), np.nan)


def checked_numbers(values: "Column", name: str, source: str, role: str) -> "Column":
    """The numbers of a column that has nothing else, but for missing values.

    Args:
        values: As they are in the data.
        name: Of the column.
        source: What the data are called in messages.
        role: What is to be a number.

    Raises:
        DataError: One is none, or is too great to reckon with.
    """
    numbers = numbers_of(values)
    for wrong, lacking in (
        (numbers.isna() & values.notna(), "has to be a number"),
        (numbers.abs() > _GREATEST, f"may be no greater than {_GREATEST:.2g}"),
    ):
        if wrong.any():
            row = _first(wrong.to_numpy())
            raise DataError(f"row {row} has '{values.iloc[row - 1]}' as '{name}', but {role} {lacking}", source=source)
    return numbers


def _key(values: "Column", name: str, source: str) -> "Column":
    missing = values.isna().to_numpy()
    if missing.any():
        raise DataError(f"row {_first(missing)} has no '{name}', which tells the series apart", source=source)
    return values.astype(str)


def _first(found: Array | Sequence[bool]) -> int:
    """The row of the first one, from 1."""
    return int(np.argmax(found)) + 1
