"""LIBSVM text: `label[:weight] [qid:group] index:value …`, one row a line, indices counted from 0.

A regular file is read by array operations over its bytes; anything irregular by a plain loop that knows the line of
every token, so that the message of an error can name it.
"""

import math
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import DataError

_SMALL_BYTES: Final = 1 << 14
_MAXIMUM_INDEX: Final = 2**31 - 2
_ONE_NUMBER_A_LINE: Final = bytes.maketrans(b": \t\r", b"\n\n\n\n")
_EXPECTED: Final = "expected <label>[:<weight>] <index>:<value> …"


class _Row(NamedTuple):
    label: float | None
    weight: float | None
    query_id: int | None
    indices: list[int]
    values: list[float]


def read_libsvm(source: bytes | Path, *, needs_label: bool = True) -> Table:
    """Reads sparse rows; an absent index is a missing value.

    Args:
        source: The text itself, or the file that holds it.
        needs_label: Whether every row begins with a label. Where it need not, a first token with a colon is a feature,
            not a label with its weight, as AWS's XGBoost container reads the rows of a request.

    Raises:
        DataError: There is no row, a token is not `index:value`, or only some rows have a label, weight or group.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    if not data.strip():
        raise DataError(f"there is no data; {_EXPECTED}")
    table = _read_regular(data) if len(data) > _SMALL_BYTES else None
    return _read_line_by_line(data, needs_label=needs_label) if table is None else table


def _read_regular(data: bytes) -> Table | None:
    """None where a row has more than a label and index:value pairs, or is not well formed."""
    if b"#" in data or b"qid" in data or b"_" in data:
        return None
    # The layout, from the bytes alone: where tokens begin and which line each is in.
    codes = np.frombuffer(data, np.uint8)
    is_space = (codes == ord(" ")) | (codes == ord("\t")) | (codes == ord("\r")) | (codes == ord("\n"))
    starts = ~is_space
    starts[1:] &= is_space[:-1]
    token_places = np.flatnonzero(starts)
    colon_places = np.flatnonzero(codes == ord(":"))
    line_of_token = np.searchsorted(np.flatnonzero(codes == ord("\n")), token_places)
    is_label = np.ones(len(token_places), dtype=bool)
    is_label[1:] = line_of_token[1:] != line_of_token[:-1]
    # Every token but the label must have exactly one colon, and the label none.
    token_of_colon = np.searchsorted(token_places, colon_places, side="right") - 1
    if not np.array_equal(token_of_colon, np.flatnonzero(~is_label)):
        return None
    if is_space[colon_places - 1].any() or is_space[np.minimum(colon_places + 1, len(codes) - 1)].any():
        return None
    numbers = _numbers(data.translate(_ONE_NUMBER_A_LINE))
    if numbers is None or len(numbers) != len(token_places) + len(colon_places):
        return None
    width = np.where(is_label, 1, 2)
    first_of_token = np.cumsum(width) - width
    indices, values = numbers[first_of_token[~is_label]], numbers[first_of_token[~is_label] + 1]
    if not np.isfinite(numbers).all() or (indices != np.floor(indices)).any():
        return None
    if len(indices) and not (indices.min() >= 0 and indices.max() <= _MAXIMUM_INDEX):
        return None
    label_tokens = np.flatnonzero(is_label)
    row_starts = label_tokens - np.arange(len(label_tokens))
    return _table(
        labels=numbers[first_of_token[label_tokens]],
        weights=None,
        query_ids=None,
        values=values,
        indices=indices.astype(np.int64),
        row_starts=np.append(row_starts, len(indices)),
    )


def _numbers(text: bytes) -> npt.NDArray[np.float64] | None:
    """One number a line, read by Arrow, or None where a line is not a number."""
    import pyarrow as pa  # noqa: PLC0415 - costs half a second, and small inputs do without
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    try:
        column = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=["number"]),
            parse_options=arrow_csv.ParseOptions(quote_char=False),
            convert_options=arrow_csv.ConvertOptions(column_types={"number": pa.float64()}, null_values=[]),
        ).column(0)
    except pa.ArrowInvalid:
        return None
    numbers: npt.NDArray[np.float64] = column.to_numpy()
    return numbers


def _read_line_by_line(data: bytes, *, needs_label: bool) -> Table:
    rows: list[_Row] = []
    first_line = 0
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), start=1):
        tokens = line.partition("#")[0].split()
        if not tokens:
            continue
        row = _read_row(tokens if needs_label or ":" not in tokens[0] else ["", *tokens], number)
        first_line = first_line or number
        if rows and (row.label is None) != (rows[0].label is None):
            raise DataError(f"either every row has a label or none; line {first_line} differs", line=number)
        if rows and (row.weight is None) != (rows[0].weight is None):
            raise DataError(f"either every row has a weight or none; line {first_line} differs", line=number)
        if rows and (row.query_id is None) != (rows[0].query_id is None):
            raise DataError(f"either every row has a qid or none; line {first_line} differs", line=number)
        rows.append(row)
    if not rows:
        raise DataError(f"there is no data; {_EXPECTED}")
    return _table(
        labels=None if rows[0].label is None else np.array([row.label for row in rows], np.float64),
        weights=None if rows[0].weight is None else np.array([row.weight for row in rows], np.float64),
        query_ids=None if rows[0].query_id is None else np.array([row.query_id for row in rows], np.int64),
        values=np.array([value for row in rows for value in row.values], np.float64),
        indices=np.array([index for row in rows for index in row.indices], np.int64),
        row_starts=np.cumsum([0, *(len(row.indices) for row in rows)]),
    )


def _read_row(tokens: list[str], line: int) -> _Row:
    """Reads the tokens of a row; an empty first one stands for a label that is not there."""
    label, colon, weight = tokens[0].partition(":")
    query_id = None
    pairs = tokens[1:]
    if pairs and pairs[0].startswith("qid:"):
        try:
            query_id = int(pairs[0].removeprefix("qid:"))
        except ValueError:
            raise DataError(f"'{pairs[0][:60]}' is not qid:<whole number>", line=line) from None
        pairs = pairs[1:]
    indices, values = [], []
    for pair in pairs:
        index, pair_colon, value = pair.partition(":")
        try:
            if not pair_colon or not index.isdecimal() or int(index) > _MAXIMUM_INDEX:
                raise ValueError(pair)
            values.append(_finite(value))
            indices.append(int(index))
        except ValueError:
            raise DataError(f"'{pair[:60]}' is not <index>:<value>; {_EXPECTED}", line=line) from None
    try:
        return _Row(
            _finite(label) if label or colon else None, _finite(weight) if colon else None, query_id, indices, values
        )
    except ValueError:
        raise DataError(f"'{tokens[0][:60]}' is not a label; {_EXPECTED}", line=line) from None


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def _table(
    *,
    labels: npt.NDArray[np.float64] | None,
    weights: npt.NDArray[np.float64] | None,
    query_ids: npt.NDArray[np.int64] | None,
    values: npt.NDArray[np.float64],
    indices: npt.NDArray[np.int64],
    row_starts: npt.NDArray[np.int64],
) -> Table:
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - slow to import, and only sparse data needs it

    shape = (len(row_starts) - 1, int(indices.max()) + 1 if len(indices) else 0)
    return Table(
        features=csr_matrix((values.astype(np.float32), indices, row_starts), shape=shape),
        labels=None if labels is None else labels.astype(np.float32),
        weights=None if weights is None else weights.astype(np.float32),
        query_ids=query_ids,
    )
