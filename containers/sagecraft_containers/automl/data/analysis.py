"""Makes a job's dataset out of its channels: says what is wrong with them, and splits the rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.problem import Array, objective
from sagecraft_containers.errors import UserError

from .columns import Kind, Schema, infer
from .dataset import Dataset, Rows
from .files import read_channel
from .spool import bounded, filtered, largest_bytes
from .target import Target, find_target

CROSS_VALIDATED_ROWS: Final = 50_000
"""Up to so many rows AWS validates across folds ("Cross-validation in Autopilot")."""
FOLDS: Final = 5
_REPEATED_ROWS: Final = 2_000
_REPEATS: Final = 2
"""Of few rows one split says little; so they are split anew."""
MANY_CLASSES: Final = 10
"""More take boosted trees long, so that every fit counts."""
_VALIDATION_FRACTION: Final = 0.2
_LEAST_ROWS: Final = 10
_SHOWN: Final = 5
_SAMPLED_COLUMNS: Final = 20


@dataclass(frozen=True)
class Analysis:
    """What was found out.

    Attributes:
        dataset: To learn from.
        notes: What a user should look at, one sentence each.
        sample: The first rows as they were written.
        rows: How many rows there were, with those that could not be used.
    """

    dataset: Dataset
    notes: tuple[str, ...]
    sample: pd.DataFrame
    rows: int


def analyze(definition: Definition, training: Path, validation: Path | None = None) -> Analysis:
    """Reads the channels of a job.

    Raises:
        UserError: They cannot be learnt from; the message says why.
    """
    whole = read_channel(training, definition.content_type, compressed=training.name in definition.compressed)
    names = _feature_names(definition, whole, training.name)
    table = bounded(whole, definition.target, definition.seed)
    columns = {name: table[name] for name in table.column_names}
    values = _text(columns[definition.target])
    usable = values.notna().to_numpy()
    _check_rows(definition.target, usable)
    target = find_target(definition.target, values[usable], definition.problem_type)
    metric = objective(definition.objective, target.problem)
    if usable.sum() < max(_LEAST_ROWS, len(target.classes)):
        raise UserError(
            f"The training data has {usable.sum():,} row(s) with a target; "
            f"{max(_LEAST_ROWS, len(target.classes))} is the least to learn from and to validate with."
        )
    used = filtered(table, usable)
    asked = {name: Kind(kind) for name, kind in definition.types.items()}
    schema = Schema(tuple(infer(names, {name: used[name] for name in names}, asked)))
    if not schema.used:
        told = ", ".join(f"'{column.name}' is {_said(column.kind)}" for column in schema.columns[:_SHOWN])
        raise UserError(f"No column is left to predict '{definition.target}' from: {told}.")
    rows = _rows(definition, schema, target, used, "training")
    held = None if validation is None else _validation(definition, schema, target, validation, table.column_names)
    split = _split(rows, held, target, definition)
    notes = [*_sampled(whole, table), *_notes(schema, target, usable, rows)]
    dataset = Dataset(schema, target, metric, *split, definition.seed, definition.algorithms)
    return Analysis(dataset, tuple(notes), _sample(definition, table), whole.num_rows)


def _feature_names(definition: Definition, table: Any, channel: str) -> list[str]:
    """Of the columns to predict from, in the files' order."""
    names = list(table.column_names)
    _check_header(definition, table, channel)
    for role, name in {"target": definition.target, "sample weight": definition.weight}.items():
        if name is not None and name not in names:
            raise UserError(_no_column(role, name, names))
    if definition.weight == definition.target:
        raise UserError(f"The column '{definition.weight}' is the target, so it cannot be the sample weight.")
    wanted = definition.features
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise UserError(_no_column("feature", unknown[0], names))
    others = {definition.target, definition.weight}
    return [name for name in names if name not in others and (wanted is None or name in wanted)]


def _sample(definition: Definition, table: Any) -> pd.DataFrame:
    """The first rows, with the target and some of the other columns."""
    others = [name for name in table.column_names if name != definition.target]
    sample: pd.DataFrame = table.slice(0, _SHOWN).select([definition.target, *others[:_SAMPLED_COLUMNS]]).to_pandas()
    return sample


def _check_header(definition: Definition, table: Any, channel: str) -> None:
    """A header that is said to be there and is not, and the reverse."""
    names = list(table.column_names)
    if definition.target not in names:
        numbers = sum(_is_number(name) for name in names)
        if numbers > 0 and 2 * numbers >= len(names):
            raise UserError(
                f"The first row of the {channel} data looks like values, not like a header ({', '.join(names[:3])}), "
                f"and the target '{definition.target}' is not in it; write the names of the columns into the first row."
            )
    if all(name == f"_c{place}" for place, name in enumerate(names)):
        first = [cell.as_py() for cell in (table[name][0] for name in names)]
        header = [
            str(cell)
            for name, cell in zip(names, first, strict=True)
            if cell is not None and not _is_number(str(cell)) and table.num_rows > 1 and _numbers_below(table[name])
        ]
        if header:
            raise UserError(
                f"The first row of the {channel} data looks like a header ('{header[0]}' above numbers), but the "
                f"content type '{definition.content_type}' says that there is none; say header=present."
            )


def _numbers_below(column: Any) -> bool:
    below = column.slice(1, 1000).drop_null().to_pylist()
    return bool(below) and all(_is_number(str(cell)) for cell in below)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _no_column(role: str, name: str, names: list[str]) -> str:
    alike = [each for each in names if each.strip().lower() == name.strip().lower()]
    hint = f"did you mean '{alike[0]}'?" if alike else f"the columns are {_listed(names)}."
    return f"The {role} column '{name}' is not in the data; {hint}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown


def _check_rows(target: str, usable: Array) -> None:
    if not usable.any():
        raise UserError(f"The target '{target}' has no value in any of the {len(usable):,} rows.")


def _text(column: Any) -> "pd.Series[Any]":
    """A target as it was written: a whole number of a Parquet file without a fraction."""
    series = column.to_pandas()
    if pd.api.types.is_float_dtype(series) and (series.dropna() % 1 == 0).all():
        series = series.astype("Int64")
    present = series.notna()
    # By way of categories, so that equal cells are one object.
    text: pd.Series[Any] = series.astype(str).str.strip().where(present).astype("category").astype(object)
    return text


def _rows(definition: Definition, schema: Schema, target: Target, table: Any, channel: str) -> Rows:
    features = schema.frame({column.name: table[column.name] for column in schema.used}, compact=True)
    weights = None if definition.weight is None else _weights(definition.weight, table[definition.weight], channel)
    return Rows(features, target.encoded(_text(table[target.name]), channel), weights)


def _weights(name: str, column: Any, channel: str) -> Array:
    weights: Array = pd.to_numeric(column.to_pandas(), errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise UserError(
            f"The sample weights '{name}' of the {channel} data must be numbers that are not negative, "
            "and not all of them 0."
        )
    return weights


def _validation(definition: Definition, schema: Schema, target: Target, directory: Path, expected: list[str]) -> Rows:
    if definition.validation_fraction is not None:
        raise UserError("There is a validation channel and a validation fraction; give one of them.")
    table = read_channel(directory, definition.content_type, compressed=directory.name in definition.compressed)
    names = list(table.column_names)
    lost, added = ([each for each in a if each not in b] for a, b in ((expected, names), (names, expected)))
    if lost or added:
        told = f"lacks the column '{lost[0]}'" if lost else f"has the column '{added[0]}'"
        raise UserError(f"The validation data {told}, unlike the training data; both must have the same columns.")
    table = bounded(table, definition.target, definition.seed)
    table = filtered(table, _text(table[definition.target]).notna().to_numpy())
    if table.num_rows == 0:
        raise UserError(f"No row of the validation data has a value of the target '{definition.target}'.")
    return _rows(definition, schema, target, table, "validation")


def _split(
    rows: Rows, validation: Rows | None, target: Target, definition: Definition
) -> tuple[Rows, Array, Rows | None]:
    """The rows to learn from, the folds, and the rows to validate with."""
    no_folds = np.empty((0, len(rows)), np.int8)
    if validation is not None:
        return rows, no_folds, validation
    if definition.validation_fraction is None and len(rows) <= CROSS_VALIDATED_ROWS:
        return rows, _folds(rows, target, definition.seed), None
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - a second of a core

    fraction = _VALIDATION_FRACTION if definition.validation_fraction is None else definition.validation_fraction
    if not 0 < fraction < 1:
        raise UserError(f"The validation fraction must be between 0 and 1, got {fraction}.")
    labels = rows.target if target.problem.is_classification else None
    held = round(len(rows) * fraction)
    if held < max(1, len(target.classes)) or len(rows) - held < max(1, len(target.classes)):
        raise UserError(f"A validation fraction of {fraction} of {len(rows):,} rows leaves a side without every class.")
    training, kept = train_test_split(
        np.arange(len(rows)), test_size=held, random_state=definition.seed, stratify=labels
    )
    return rows.take(training), np.empty((0, len(training)), np.int8), rows.take(kept)


def _folds(rows: Rows, target: Target, seed: int) -> Array:
    """The fold of each row; a class of fewer rows than folds is in as many as it has rows."""
    from sklearn.model_selection import KFold, StratifiedKFold  # noqa: PLC0415

    repeats = _REPEATS if len(rows) < _REPEATED_ROWS and len(target.classes) <= MANY_CLASSES else 1
    folds = np.zeros((repeats, len(rows)), np.int8)
    least = int(np.bincount(rows.target).min()) if target.problem.is_classification else len(rows)
    count = max(2, min(FOLDS, least))
    make = StratifiedKFold if target.problem.is_classification else KFold
    for repeat in range(repeats):
        splits = make(count, shuffle=True, random_state=seed + repeat).split(rows.target, rows.target)
        for number, (_, held) in enumerate(splits):
            folds[repeat, held] = number
    return folds


def _said(kind: Any) -> str:
    return {"identifier": "an identifier"}.get(str(kind), str(kind))


def _sampled(whole: Any, table: Any) -> list[str]:
    """What to tell of a table that was too large."""
    if table.num_rows == whole.num_rows:
        return []
    size, most = whole.nbytes / (1 << 30), largest_bytes() / (1 << 30)
    drawn = f"a sample of {table.num_rows:,} of its {whole.num_rows:,} rows is learnt from"
    return [f"The training data is {size:.1f} GiB, more than the {most:.1f} GiB that this machine takes: {drawn}."]


def _notes(schema: Schema, target: Target, usable: Array, rows: Rows) -> list[str]:
    lost = int((~usable).sum())
    notes = [f"{lost:,} row(s) have no value of the target '{target.name}' and are left out."] if lost else []
    for column in schema.columns:
        if not column.kind.is_used:
            notes.append(f"The column '{column.name}' is {_said(column.kind)} and is left out.")
        if column.unusable:
            notes.append(
                f"The column '{column.name}' has numbers, and text in {column.unusable:.1%} of its cells, which "
                "counts as missing."
            )
    if target.problem.is_classification:
        counts = np.bincount(rows.target, minlength=len(target.classes))
        if counts.min() * 10 < counts.max():
            notes.append(
                f"The classes are imbalanced: '{target.classes[counts.argmin()]}' has {counts.min():,} rows, "
                f"'{target.classes[counts.argmax()]}' has {counts.max():,}."
            )
        if counts.min() < FOLDS:
            notes.append(f"The class '{target.classes[counts.argmin()]}' has {counts.min()} rows only.")
    elif abs(float(np.asarray(pd.Series(rows.target).skew()))) > 2:
        notes.append(f"The target '{target.name}' is skewed.")
    return notes
