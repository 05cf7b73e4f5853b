"""What the columns of a table are, found out from all of their cells; and cells turned into what their column is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import UserError


class Kind(StrEnum):
    """How a column is used."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    MANY_CATEGORIES = "categorical of many values"
    TEXT = "text"
    DATETIME = "datetime"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"
    EMPTY = "empty"

    @property
    def is_used(self) -> bool:
        """Whether there is anything to learn from it."""
        return self not in {Kind.IDENTIFIER, Kind.CONSTANT, Kind.EMPTY}


_MEASURED: Final = {Kind.NUMERIC, Kind.DATETIME}


@dataclass(frozen=True)
class Column:
    """What is known of one.

    Attributes:
        name: Its name.
        kind: What it is.
        missing: The share of its cells without a value.
        distinct: How many values it has.
        unusable: The share of its values that are not what the others are, and count as missing: text among numbers.
        skew: Of its numbers; 0 for other kinds.
        tokens: How many words of a text are frequent enough to learn from.
        date_format: How its dates are written; None where it has none, or they are in a form of their own.
        single: Whether 32 bits tell its numbers from each other.
    """

    name: str
    kind: Kind
    missing: float = 0.0
    distinct: int = 0
    unusable: float = 0.0
    skew: float = 0.0
    tokens: int = 0
    date_format: str | None = None
    single: bool = False


_NUMBERS_SHARE: Final = 0.9
"""Of a column's values that are numbers, from which on the others count as missing."""
_DATES_SHARE: Final = 0.95
_DATE_FORMATS: Final = (
    "ISO8601", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
    "%m/%d/%y", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%d %b %Y", "%Y%m%dT%H%M%S",
)  # fmt: skip
_DATE_LIKE: Final = (
    r"^\s*(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ][A-Za-z]{3}[- ]\d{2,4}|[A-Za-z]{3} \d{1,2}, \d{4}|\d{8}T)"
)
_FEW_CATEGORIES: Final = 50
_LEAST_TOKENS: Final = 2
WORDS: Final = r"(?u)\b\w+\b"
"""What counts as a word of a text."""
_SAMPLED_ROWS: Final = 20_000
_SKEW_ROWS: Final = 8
_IDENTIFIER_ROWS: Final = 20
"""Fewer rows do not tell an identifier from a number."""
_LEAST, _MOST = np.finfo(np.float32).tiny, np.finfo(np.float32).max
_BLOCK_ROWS: Final = 100_000
_UNIQUE_SHARE: Final = 0.9
_RARE: Final = 5


def rare(rows: int) -> int:
    """How often a word has to occur to be learnt from."""
    return max(_RARE, rows // 200)


def infer(
    names: Sequence[str], table: Mapping[str, Any], asked: Mapping[str, Kind] = MappingProxyType({})
) -> list[Column]:
    """What each of some columns is: as is asked for, where there is anything to learn from it.

    An identifier is used as what it else looks like where nothing else is left to learn from.
    """
    columns = [
        asked_column(name, _cells(table[name]), asked[name])
        if name in asked
        else infer_column(name, _values(table[name]))
        for name in names
    ]
    if any(column.kind.is_used for column in columns):
        return columns
    return [_without_identifier(column, _values(table[column.name])) for column in columns]


def infer_column(name: str, values: "pd.Series[Any]") -> Column:
    """What one column is: `values` are text, numbers or times, with NaN or None for missing ones."""
    if _is_numeric(values):
        return _numeric(name, values.to_numpy(dtype=np.float64, na_value=np.nan))
    present = values.dropna()
    missing = 1 - len(present) / max(1, len(values))
    if present.empty:
        return Column(name, Kind.EMPTY, missing=1.0)
    if pd.api.types.is_datetime64_any_dtype(present):
        return Column(name, Kind.DATETIME, missing, int(present.nunique()))
    text = present.astype(str)
    distinct = int(text.nunique())
    if distinct == 1:
        return Column(name, Kind.CONSTANT, missing, 1)
    numbers = _numbers_of(text)
    usable = np.isfinite(numbers)
    if usable.mean() >= _NUMBERS_SHARE:
        return replace(_numeric(name, numbers), missing=missing, unusable=float(1 - usable.mean()))
    dates = _date_format(text)
    if dates is not None:
        return Column(name, Kind.DATETIME, missing, distinct, date_format=dates)
    return _textual(name, text, missing, distinct)


def asked_column(name: str, values: "pd.Series[Any]", kind: Kind) -> Column:
    """One column that is said to be numeric, categorical, text or a time.

    Raises:
        UserError: It has no value of the kind.
    """
    found = infer_column(name, values)
    if found.kind in {Kind.EMPTY, Kind.CONSTANT}:
        return found
    text = values.dropna().astype(str)
    match kind:
        case Kind.NUMERIC:
            numbers = _numbers_of(text)
            usable = float(np.isfinite(numbers).mean())
            asked = replace(_numeric(name, numbers), kind=kind, missing=found.missing, unusable=1 - usable)
        case Kind.DATETIME:
            asked = replace(found, kind=kind, date_format=found.date_format or _date_format(text))
            usable = float(converted(asked, values).notna().mean())
        case Kind.TEXT if (tokens := _frequent_tokens(text)) >= _LEAST_TOKENS:
            return replace(found, kind=kind, tokens=tokens)
        case _:
            few = found.distinct <= _FEW_CATEGORIES
            return replace(found, kind=Kind.CATEGORICAL if few else Kind.MANY_CATEGORIES)
    if not usable:
        raise UserError(f"The column '{name}' is said to be {kind}, but none of its values is.")
    return asked


def converted(column: Column, values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Cells as their column's kind: numbers, times, or text, and NaN for what is missing or not of the kind."""
    match column.kind:
        case Kind.NUMERIC:
            is_numeric = _is_numeric(values)
            cells = values.to_numpy(dtype=np.float64, na_value=np.nan) if is_numeric else _numbers_of(values)
            known = np.where(np.isfinite(cells), cells, np.nan)
            return pd.Series(known.astype(np.float32) if column.single else known, values.index)
        case Kind.DATETIME:
            if pd.api.types.is_datetime64_any_dtype(values):
                return values.dt.tz_localize(None) if values.dt.tz is not None else values
            times = pd.to_datetime(values, format=column.date_format, errors="coerce", utc=True)
            return times.dt.tz_localize(None)
        case _:
            present = values.notna()
            return pd.Series(np.where(present, values.astype(str), np.nan), values.index, dtype=object)


@dataclass(frozen=True)
class Schema:
    """The columns of the features, in the order of the files.

    Attributes:
        columns: All, also those that are not used.
    """

    columns: tuple[Column, ...]

    @property
    def used(self) -> list[Column]:
        """Those that models learn from."""
        return [column for column in self.columns if column.kind.is_used]

    def frame(self, table: Mapping[str, Any], *, compact: bool = False) -> pd.DataFrame:
        """The used columns of a table, each as what it is; `compact` of many rows, in little memory."""
        columns = {}
        for column in self.used:
            cells = table[column.name]
            if column.kind in _MEASURED:
                columns[column.name] = converted(column, _values(cells))
            else:
                columns[column.name] = (_compact if compact else converted)(column, _cells(cells))
        return pd.DataFrame(columns, copy=False)

    def to_json(self) -> list[dict[str, Any]]:
        """As `from_json` takes it."""
        return [asdict(column) for column in self.columns]

    @classmethod
    def from_json(cls, given: Sequence[Mapping[str, Any]]) -> "Schema":
        """Of what `to_json` gave."""
        return cls(tuple(Column(**{**each, "kind": Kind(each["kind"])}) for each in given))


def _compact(column: Column, cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Categories by their numbers, and text as Arrow has it: as objects, the cells would be many times as large."""
    import pyarrow as pa  # noqa: PLC0415 - half a second

    blocks = [
        pa.array(converted(column, cells.iloc[begun : begun + _BLOCK_ROWS]), pa.large_string(), from_pandas=True)
        for begun in range(0, max(1, len(cells)), _BLOCK_ROWS)
    ]
    text = pa.chunked_array(blocks)
    if column.kind is Kind.TEXT:
        return pd.Series(text, cells.index, dtype=pd.ArrowDtype(pa.large_string()))
    coded: pd.Series[Any] = text.combine_chunks().dictionary_encode().to_pandas()
    return coded.set_axis(cells.index)


def _cells(column: Any) -> "pd.Series[Any]":
    """A column of Arrow's, or of pandas', as it stands in the files: text stays text, also that of numbers."""
    series: pd.Series[Any] = column if isinstance(column, pd.Series) else column.to_pandas()
    return series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series


def _values(column: Any) -> "pd.Series[Any]":
    """A column of Arrow's, or of pandas', as a series that is text, numbers or times: numbers where all of it is."""
    series = column if isinstance(column, pd.Series) else _as_numbers(column).to_pandas()
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object)
    return series


def _as_numbers(column: Any) -> Any:
    """Text of Arrow's as numbers, where each cell is one: fast for tables of thousands of columns."""
    import pyarrow as pa  # noqa: PLC0415 - half a second

    if not pa.types.is_string(column.type):
        return column
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        return column


def _numbers_of(text: "pd.Series[Any]") -> Array:
    """Those that are written in cells, and NaN for others; block by block, as each cell is an object meanwhile."""
    blocks = [text.iloc[begun : begun + _BLOCK_ROWS] for begun in range(0, max(1, len(text)), _BLOCK_ROWS)]
    return np.concatenate(
        [pd.to_numeric(block, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan) for block in blocks]
    )


def _is_numeric(values: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _numeric(name: str, cells: Array) -> Column:
    numbers = cells[np.isfinite(cells)]
    missing = 1 - len(numbers) / max(1, len(cells))
    distinct = len(np.unique(numbers))
    if distinct <= 1:
        return Column(name, Kind.CONSTANT if distinct else Kind.EMPTY, missing, distinct)
    if missing == 0 and _counts_rows(numbers, distinct):
        return Column(name, Kind.IDENTIFIER, missing, distinct)
    skew = float(np.asarray(pd.Series(numbers).skew())) if len(numbers) >= _SKEW_ROWS else 0.0
    single = np.abs(numbers[numbers != 0]).min() > _LEAST and np.abs(numbers).max() < _MOST
    single = single and len(np.unique(numbers.astype(np.float32))) == distinct
    skew = skew if np.isfinite(skew) else 0.0
    return Column(name, Kind.NUMERIC, missing, distinct, skew=skew, single=bool(single))


def _counts_rows(numbers: Array, distinct: int) -> bool:
    """Whether each row has a whole number of its own, and together they are about as many as there are rows."""
    rows = len(numbers)
    if rows < _IDENTIFIER_ROWS or distinct < rows or not (numbers % 1 == 0).all():
        return False
    return bool(numbers.max() - numbers.min() < 2 * rows)


def _date_format(text: "pd.Series[str]") -> str | None:
    sample = text.head(_SAMPLED_ROWS)
    if sample.str.match(_DATE_LIKE).mean() < _DATES_SHARE:
        return None
    for written in _DATE_FORMATS:
        parsed = pd.to_datetime(sample, format=written, errors="coerce", utc=True)
        if parsed.notna().mean() >= _DATES_SHARE:
            return written
    return None


def _textual(name: str, text: "pd.Series[str]", missing: float, distinct: int) -> Column:
    rows = len(text)
    if distinct <= _FEW_CATEGORIES and distinct <= max(2, rows // 2):
        return Column(name, Kind.CATEGORICAL, missing, distinct)
    tokens = _frequent_tokens(text)
    words = float(np.mean([len(each.split()) for each in text.head(_SAMPLED_ROWS)]))
    unique = distinct / rows >= _UNIQUE_SHARE
    if tokens >= _LEAST_TOKENS and (unique or words >= 2):
        return Column(name, Kind.TEXT, missing, distinct, tokens=tokens)
    if unique:
        return Column(name, Kind.IDENTIFIER, missing, distinct)
    return Column(name, Kind.MANY_CATEGORIES, missing, distinct)


def _frequent_tokens(text: "pd.Series[str]") -> int:
    """How many words are in several rows, and not in all."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - a second of a core

    sample = text.sample(_SAMPLED_ROWS, random_state=0) if len(text) > _SAMPLED_ROWS else text
    counter = CountVectorizer(token_pattern=WORDS, binary=True)
    try:
        counts = np.asarray(counter.fit_transform(sample).sum(axis=0)).ravel()
    except ValueError:  # there is no word
        return 0
    return int(((counts >= rare(len(sample))) & (counts < len(sample))).sum())


def _without_identifier(column: Column, values: "pd.Series[Any]") -> Column:
    if column.kind is not Kind.IDENTIFIER:
        return column
    numbers = pd.to_numeric(values.dropna(), errors="coerce")
    return replace(column, kind=Kind.NUMERIC if numbers.notna().all() else Kind.MANY_CATEGORIES)
