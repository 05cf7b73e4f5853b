"""Comma-separated numbers, without a header.

Large inputs are read by Arrow straight into float32; small ones, and those that Arrow refuses, by a plain loop that
knows the line of every cell, so that the message of an error can name it.
"""

import csv
import math
import re
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from sagecraft_containers.data.table import LARGEST, FloatArray
from sagecraft_containers.errors import DataError

_SMALL_BYTES: Final = 1 << 16
_BOOLEANS: Final = frozenset({"true", "false"})
_ONE_ROW_BYTES: Final = 1 << 10
"""Up to about here the plain loop is faster than setting up array operations."""
_BLOCK_BYTES: Final = 1 << 23
_DELIMITERS: Final = ",\t;| "
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"[\r\n]")


def read_csv(
    source: bytes | Path, *, leading: int = 0, quotes: bool = True, complete: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Reads rows of numbers; an empty cell or `nan` is a missing value.

    The delimiter is the first of comma, tab, semicolon, bar and space that stands in the first line. A line ends with
    a line feed, a carriage return, or both.

    Args:
        source: The text itself, or the file that holds it.
        leading: How many columns stand before the features: 1 for a label, 2 for a label and a weight.
        quotes: Whether a cell may be quoted.
        complete: Whether no feature may be missing.

    Returns:
        The leading columns, shape (rows, leading), and the features, shape (rows, columns - leading).

    Raises:
        DataError: There is no row, a cell is not a finite number or missing, or rows differ in length; or a feature is
            missing where none may be.
    """
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    first_line = _first_line(source)
    delimiter = next((each for each in _DELIMITERS if each in first_line), ",")
    columns = len(first_line.split(delimiter))
    if columns < leading or (leading and columns == leading):
        raise DataError(
            f"a row has {columns} column(s), but {leading} come(s) before the features; "
            f"expected the label first, then{' the weight, then' if leading > 1 else ''} the features",
            line=1,
        )
    if size > _SMALL_BYTES:
        split = _read_by_arrow(source, delimiter, columns, leading, quotes=quotes)
        if split is not None and not (complete and np.isnan(split[1]).any()):
            return split
    table = _read_line_by_line(source, delimiter, columns, quotes=quotes, complete_from=leading if complete else None)
    return table[:, :leading], table[:, leading:]


def _first_line(source: bytes | Path) -> str:
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = next((line for line in file if line.strip()), b"")
    else:
        head = source
    head = _LINE_END.split(head.removeprefix(BYTE_ORDER_MARK).lstrip(), maxsplit=1)[0]
    if not head.strip():
        raise DataError("there is no data; expected rows of comma-separated numbers")
    return head.decode("utf-8", "replace").strip(" ")


def _read_by_arrow(
    source: bytes | Path, delimiter: str, columns: int, leading: int, *, quotes: bool
) -> tuple[FloatArray, FloatArray] | None:
    """None where Arrow does not accept the text, or finds a number that is not finite."""
    import pyarrow as pa  # noqa: PLC0415 - costs half a second, and small inputs do without
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    try:
        table = arrow_csv.read_csv(
            str(source) if isinstance(source, Path) else pa.BufferReader(source),
            read_options=arrow_csv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, quote_char='"' if quotes else False),
            convert_options=arrow_csv.ConvertOptions(
                column_types={f"f{column}": pa.float32() for column in range(columns)},
                null_values=["", "nan", "NaN", "NAN"],
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_columns != columns:
        return None
    parts = (
        np.empty((table.num_rows, leading), np.float32),
        np.empty((table.num_rows, columns - leading), np.float32),
    )
    first = 0
    for batch in table.to_batches():
        # As a tensor, and not by `to_numpy` of a column, which imports pandas: that takes longer than reading.
        cells = batch.to_tensor(null_to_nan=True, row_major=False).to_numpy()
        rows = slice(first, first + batch.num_rows)
        parts[0][rows], parts[1][rows] = cells[:, :leading], cells[:, leading:]
        first += batch.num_rows
    if any(np.isinf(part).any() for part in parts):
        return None
    return parts


def _read_line_by_line(
    source: bytes | Path, delimiter: str, columns: int, *, quotes: bool, complete_from: int | None
) -> FloatArray:
    """Names the line and the column of what is wrong; nothing may be missing in the columns from `complete_from` on."""
    data = source.read_bytes() if isinstance(source, Path) else source
    text = data.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    table = _read_plain(text, delimiter, columns) if len(data) > _ONE_ROW_BYTES else None
    if table is not None and (complete_from is None or not np.isnan(table[:, complete_from:]).any()):
        return table
    rows: list[list[float]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip(" ")
        if not stripped:
            continue
        cells = _cells(stripped, delimiter, number, quotes=quotes)
        if len(cells) != columns:
            raise DataError(
                f"the row has {len(cells)} column(s), but the first row has {columns}; "
                "every row must have the same number of columns",
                line=number,
            )
        try:
            values = [_number(cell) for cell in cells]
        except ValueError:
            raise _bad_cell(cells, number, is_first=not rows, complete=complete_from is not None) from None
        if complete_from is not None and any(map(math.isnan, values[complete_from:])):
            column = next(place for place in range(complete_from, columns) if math.isnan(values[place]))
            raise DataError(f"column {column + 1} is empty or not a number; expected one in each", line=number)
        rows.append(values)
    return np.array(rows, dtype=np.float32)


def _cells(line: str, delimiter: str, number: int, *, quotes: bool) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    if not quotes:
        raise DataError(
            "a cell is quoted, and the container would not see the number in it; write numbers without quotes",
            line=number,
        )
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"the row cannot be read as CSV: {error}", line=number) from error


def _read_plain(text: str, delimiter: str, columns: int) -> FloatArray | None:
    """None where a cell is quoted, empty or no finite number, or rows differ in length."""
    if '"' in text or "_" in text:
        return None
    lines = (line.strip(" ") for line in text.split("\n"))
    rows = [line.split(delimiter) for line in lines if line]
    if any(len(row) != columns for row in rows):
        return None
    try:
        cells = np.fromiter(map(float, chain.from_iterable(rows)), np.float64, len(rows) * columns)
    except ValueError:
        return None
    if (np.abs(cells) > LARGEST).any():
        return None
    return cells.astype(np.float32).reshape(len(rows), columns)


def _number(cell: str) -> float:
    text = cell.strip()
    if not text:
        return math.nan
    value = float(text)
    if abs(value) > LARGEST or "_" in text:
        raise ValueError(text)
    return value


def _bad_cell(cells: list[str], line: int, *, is_first: bool, complete: bool) -> DataError:
    bad = [place for place, cell in enumerate(cells) if not _is_number(cell)]
    shown = cells[bad[0]].strip()[:60]
    if shown.lower() in _BOOLEANS:
        return DataError(
            f"'{shown}' in column {bad[0] + 1} is a boolean; expected numbers only: write 0 and 1, as "
            "pandas.get_dummies does with dtype=int",
            line=line,
        )
    if is_first and len(bad) * 2 > len(cells):
        return DataError(
            f"'{shown}' is not a number, and this looks like a header row; "
            "remove it: expected rows of numbers only, without column names",
            line=line,
        )
    missing = "" if complete else ", and nothing between the delimiters for a missing value"
    return DataError(
        f"'{shown}' in column {bad[0] + 1} is not a finite number; expected numbers only{missing}",
        line=line,
    )


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except ValueError:
        return False
    return True
