"""Makes series of rows: those of a step become one value, and gaps are filled."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.definition import ForecastDefinition
from sagecraft_containers.automl.forecasting.frequency import Frequency
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import DataError

from .filling import OF_TARGET, fill, fill_static
from .panel import Panel, Related
from .rows import Rows, checked_numbers, numbers_of

_AGGREGATED: Final = {"avg": "mean"}
_MANY_CELLS: Final = 10_000_000
_CELLS_OF_A_ROW: Final = 100
"""So few of so many steps have a row where a time is wrong, and there may be more steps than there is memory."""


def build_panel(
    rows: Rows,
    definition: ForecastDefinition,
    columns: Sequence[Related],
    anchor: int | None,
    source: str,
    *,
    least: int = 1,
) -> Panel:
    """The series of some rows.

    Args:
        rows: Which.
        definition: What is asked for.
        columns: The related columns to take.
        anchor: The unit that a step began with when the model was made; None to begin with the first row.
        source: What the rows are called in messages.
        least: So many values each series needs.

    Raises:
        DataError: No row has a value, a series has too few, a related column is not what it is to be, two rows are of
            one series and time, or rows lie so far apart that hardly a step has one.
    """
    frequency = Frequency.parse(definition.frequency)
    valued = ~np.isnan(rows.target)
    if not valued.any():
        raise DataError(f"no row has a value of '{definition.target}'", source=source)
    series, keys = _series(rows, definition)
    _check_repeated(rows, series, keys, definition, source)
    units = frequency.units(rows.times)
    earliest = int(units[valued].min())
    first = earliest if anchor is None else anchor + (earliest - anchor) // frequency.count * frequency.count
    step = (units - first) // frequency.count
    steps = int(step[valued].max()) + 1
    _check_span(rows, valued, len(keys), steps, frequency, source)
    known = (step >= 0) & (step < steps + definition.horizon)
    cells = pd.DataFrame({"series": series[known], "step": step[known]})
    # In the order of time: of several values within a step, the first is that of the earliest time.
    order = np.argsort(rows.times[known], kind="stable")
    grid = _Grid(cells.iloc[order], len(keys), steps + definition.horizon)
    method = definition.aggregation.get(definition.target, "sum")
    target = grid.spread(rows.target[known][order], _AGGREGATED.get(method, method)).iloc[:steps]
    _check_values(target, keys, definition, source, least)
    target = fill(target, {**OF_TARGET, **definition.filling.get(definition.target, {})}, steps)
    related = [_related(rows, column, known, order, grid, definition, steps, source) for column in columns]
    whole = np.stack(related) if related else np.empty((0, len(keys), steps + definition.horizon))
    return Panel(definition, first, keys, target.to_numpy().T, tuple(columns), whole)


class _Grid:
    """Where the rows lie among the series and steps."""

    def __init__(self, cells: pd.DataFrame, series: int, steps: int) -> None:
        self._cells, self._series, self._steps = cells, range(series), range(steps)

    def spread(self, values: Array, method: str) -> pd.DataFrame:
        """A column for each series, a row for each step; several values become one by a method."""
        grouped = pd.Series(values).groupby([self._cells["step"].to_numpy(), self._cells["series"].to_numpy()])
        one = grouped.sum(min_count=1) if method == "sum" else getattr(grouped, method)()
        return one.unstack().reindex(index=self._steps, columns=self._series).astype(float)


def _series(rows: Rows, definition: ForecastDefinition) -> tuple[Array, tuple[tuple[str, ...], ...]]:
    """The number of each row's series, and the series in the order of their keys."""
    number = rows.keys.groupby(list(definition.keys), sort=True).ngroup().to_numpy()
    first = np.unique(number, return_index=True)[1]
    return number, tuple(rows.keys.iloc[first].itertuples(index=False, name=None))


def _check_repeated(
    rows: Rows, series: Array, keys: Sequence[tuple[str, ...]], definition: ForecastDefinition, source: str
) -> None:
    if definition.target in definition.aggregation:
        return
    valued = np.flatnonzero(~np.isnan(rows.target))
    found = pd.DataFrame({"series": series[valued], "time": rows.times[valued]})
    twice = np.flatnonzero(found.duplicated(keep=False))
    if len(twice) == 0:
        return
    place = int(twice[0])
    same = (found["series"] == found["series"].iloc[place]) & (found["time"] == found["time"].iloc[place])
    numbers = [str(valued[other] + 1) for other in np.flatnonzero(same)[:3]]
    raise DataError(
        f"rows {' and '.join(numbers)} are of one time, {found['time'].iloc[place]}, and one series: "
        f"{_told(definition, keys[int(found['series'].iloc[place])])}; leave one out, or let "
        f"Transformations.Aggregation say how several values of '{definition.target}' become one",
        source=source,
    )


def _check_span(rows: Rows, valued: Array, series: int, steps: int, frequency: Frequency, source: str) -> None:
    if series * steps <= max(_MANY_CELLS, _CELLS_OF_A_ROW * len(rows.times)):
        return
    places = np.flatnonzero(valued)
    first, last = places[np.argmin(rows.times[valued])], places[np.argmax(rows.times[valued])]
    raise DataError(
        f"row {first + 1} is of {rows.times[first]} and row {last + 1} of {rows.times[last]}: {steps:,} steps of "
        f"{frequency} for {len(rows.times):,} rows. Is a time wrong, or ForecastFrequency too short?",
        source=source,
    )


def _check_values(
    target: pd.DataFrame, keys: Sequence[tuple[str, ...]], definition: ForecastDefinition, source: str, least: int
) -> None:
    counts = target.notna().sum().to_numpy()
    few = int(np.argmax(counts < least))
    if counts[few] >= least:
        return
    found = f"{counts[few]} of the {least} values" if counts[few] else "no value"
    needed = " that each series needs at least" if counts[few] else ""
    raise DataError(f"{_told(definition, keys[few])} has {found} of the target{needed}", source=source)


def _related(
    rows: Rows,
    column: Related,
    known: Array,
    order: Array,
    grid: _Grid,
    definition: ForecastDefinition,
    steps: int,
    source: str,
) -> Array:
    """One related column, shape (series, steps and horizon)."""
    values = rows.related[column.name]
    if not column.categories:
        values = checked_numbers(values, column.name, source, "the column")
    values = values[known].iloc[order]
    if column.categories:
        numbers = {name: float(number) for number, name in enumerate(column.categories)}
        spread = grid.spread(values.astype("str").map(numbers).to_numpy(dtype=float), "first")
    else:
        spread = grid.spread(values.to_numpy(), "mean")
    filled = fill(fill_static(spread), definition.filling.get(column.name, {}), steps)
    return filled.to_numpy().T


def _told(definition: ForecastDefinition, key: Sequence[str]) -> str:
    return ", ".join(f"{name} '{value}'" for name, value in zip(definition.keys, key, strict=True))


def related_of(rows: Rows, name: str, kind: str | None, most: int) -> Related | None:
    """What a related column is; None where it has more categories than can be learnt from.

    Args:
        rows: With the column.
        name: Its name.
        kind: numeric or categorical, or None to find out.
        most: So many categories there may be.
    """
    values: pd.Series[Any] = rows.related[name]
    if kind != "categorical" and not (numbers_of(values).isna() & values.notna()).any():
        return Related(name)
    categories = sorted(values.dropna().astype("str").unique())
    return Related(name, tuple(categories)) if len(categories) <= most else None
