"""Parquet files whose columns are all numbers."""

from pathlib import Path
from typing import Final

import numpy as np

from sagecraft_containers.data.table import FloatArray
from sagecraft_containers.errors import DataError

_MAGIC: Final = b"PAR1"
"""What each file begins and ends with."""


def split_parquet(stream: bytes) -> list[bytes]:
    """The files of a stream in which they follow each other, as in a channel in Pipe mode."""
    parts = stream.split(_MAGIC + _MAGIC)
    last = len(parts) - 1
    return [
        (_MAGIC if place > 0 else b"") + part + (_MAGIC if place < last else b"") for place, part in enumerate(parts)
    ]


def read_parquet(source: bytes | Path, *, leading: int = 0) -> tuple[FloatArray, FloatArray]:
    """Reads the columns in their order; a null is a missing value.

    Args:
        source: The file's content, or the file.
        leading: How many columns stand before the features: 1 for a label.

    Returns:
        The leading columns, shape (rows, leading), and the features, shape (rows, columns - leading).

    Raises:
        DataError: It is not a Parquet file, it has no row or no feature, or a column is not numeric.
    """
    import pyarrow as pa  # noqa: PLC0415 - costs half a second, and only Parquet needs it
    from pyarrow import parquet  # noqa: PLC0415

    try:
        table = parquet.read_table(source if isinstance(source, Path) else pa.BufferReader(source))
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"not a readable Parquet file: {str(error).splitlines()[0]}") from error
    if table.num_rows == 0:
        raise DataError("the Parquet file has no rows")
    if table.num_columns <= leading:
        raise DataError(
            f"the Parquet file has {table.num_columns} column(s), but {leading} come(s) before the features; "
            "expected the label first, then the features"
        )
    whole = np.empty((table.num_rows, table.num_columns), np.float32)
    for place, field in enumerate(table.schema):
        kind = pa.types
        if kind.is_boolean(field.type):
            column = table.column(place).cast(pa.int8())
        elif kind.is_integer(field.type) or kind.is_floating(field.type):
            column = table.column(place)
        elif kind.is_decimal(field.type):
            column = table.column(place).cast(pa.float64())
        else:
            raise DataError(
                f"column {place + 1} ('{field.name}') holds {field.type}; expected numbers only: encode or drop it"
            )
        whole[:, place] = column.to_numpy()
    return whole[:, :leading], whole[:, leading:]
