"""Looks at the data of a job: what its series and columns are, and everything for which it cannot be forecast."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from sagecraft_catalog.forecasting import (
    LEAST_STEPS_FOR_EACH_FORECAST,
    MOST_CATEGORICAL_FEATURES,
    MOST_FORECAST_STEPS,
    MOST_NUMERIC_FEATURES,
)

from sagecraft_containers.automl.data.files import read_channel
from sagecraft_containers.automl.forecasting.definition import ForecastDefinition
from sagecraft_containers.automl.forecasting.frequency import Frequency
from sagecraft_containers.errors import UserError

from .building import build_panel, related_of
from .panel import Panel, Related
from .rows import Rows, rows_of
from .times import is_ambiguous, time_form, told

_MOST_CATEGORIES: Final = 1000
_MANY: Final = 0.2
"""Such a share of steps without a row is worth a word."""


@dataclass(frozen=True)
class Analysis:
    """What was found.

    Attributes:
        panel: The series.
        rows: How many rows there are.
        notes: What the user should know, one sentence each.
    """

    panel: Panel
    rows: int
    notes: tuple[str, ...]


def analyze(definition: ForecastDefinition, training: Path) -> Analysis:
    """Reads the channel of a job.

    Raises:
        UserError: It cannot be forecast from; the message says why.
    """
    frame = read_channel(training, definition.content_type).to_pandas()
    doubts = []
    if definition.timestamp in frame:
        form = time_form(frame[definition.timestamp])
        definition = replace(definition, time_form=form)
        if is_ambiguous(frame[definition.timestamp], form):
            doubts.append(
                f"No '{definition.timestamp}' tells whether its day or its month comes first; they are read as "
                f"{told(form)}, the month first."
            )
    rows = rows_of(frame, definition, training.name)
    columns, notes = _columns(rows, definition)
    panel = build_panel(rows, definition, columns, None, training.name)
    _check_horizon(panel)
    ahead = [bool(np.isfinite(column[:, panel.steps :]).any()) for column in panel.related]
    kept = replace(
        panel,
        columns=tuple(column for column, known in zip(panel.columns, ahead, strict=True) if known),
        related=panel.related[ahead],
    )
    notes += [
        f"The column '{column.name}' is left out: the data has no value of it for the time that is forecast. Give rows "
        "of that time without a target, or a futurefill."
        for column, known in zip(panel.columns, ahead, strict=True)
        if not known
    ]
    return Analysis(kept, len(rows.times), (*doubts, *notes, *_notes(rows, kept)))


def _columns(rows: Rows, definition: ForecastDefinition) -> tuple[list[Related], list[str]]:
    columns: list[Related] = []
    notes: list[str] = []
    for name in rows.related.columns:
        if rows.related[name].isna().all():
            notes.append(f"The column '{name}' is empty and is left out.")
            continue
        column = related_of(rows, name, definition.types.get(name), _MOST_CATEGORIES)
        if column is None:
            notes.append(f"The column '{name}' has more than {_MOST_CATEGORIES:,} categories and is left out.")
        else:
            columns.append(column)
    categorical = sum(bool(column.categories) for column in columns)
    for kind, found, most in (
        ("numerical", len(columns) - categorical, MOST_NUMERIC_FEATURES),
        ("categorical", categorical, MOST_CATEGORICAL_FEATURES),
    ):
        if found > most:
            raise UserError(
                f"There are {found} {kind} features, but SageMaker takes {most}; choose them by "
                "FeatureSpecificationS3Uri."
            )
    return columns, notes


def _check_horizon(panel: Panel) -> None:
    most = min(MOST_FORECAST_STEPS, panel.steps // LEAST_STEPS_FOR_EACH_FORECAST)
    if panel.horizon > most:
        begin, end = panel.frequency.text(panel.times(0, panel.steps)[[0, -1]])
        raise UserError(
            f"ForecastHorizon is {panel.horizon}, but may be a quarter of the time steps in the data at most, and "
            f"{MOST_FORECAST_STEPS}: there are {panel.steps} of {panel.frequency}, from {begin} to {end}, so at most "
            f"{most}."
        )


def _notes(rows: Rows, panel: Panel) -> Iterator[str]:
    """What is odd about the times."""
    valued = ~np.isnan(rows.target)
    frequency = Frequency.parse(panel.definition.frequency)
    series = rows.keys[valued].groupby(list(panel.definition.keys)).ngroup().to_numpy()
    step = (frequency.units(rows.times[valued]) - panel.first) // frequency.count
    filled = len(np.unique(np.stack([series, step]), axis=1).T)
    begun = int((~np.isnan(panel.target)).sum())
    if len(series) > filled:
        method = panel.definition.aggregation.get(panel.definition.target, "sum")
        yield f"{len(series):,} rows became {filled:,} values, as several lie in one step of {frequency}, by {method}."
    if begun - filled > _MANY * begun:
        yield (
            f"Of {begun:,} steps of {frequency} there is no row for {begun - filled:,}; they are filled. Is "
            "ForecastFrequency shorter than the step of the data?"
        )
    lengths = (~np.isnan(panel.target)).sum(axis=1)
    short = int((lengths < LEAST_STEPS_FOR_EACH_FORECAST * panel.horizon).sum())
    if short:
        yield f"{short:,} of {len(panel):,} series are shorter than {LEAST_STEPS_FOR_EACH_FORECAST} horizons."
