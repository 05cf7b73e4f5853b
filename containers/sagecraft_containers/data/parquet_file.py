"""Parquet files whose columns are all numbers."""

from pathlib import Path
from typing import Any, Final

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


class ParquetReader:
    """Reads files of the same columns: those of the first file, by their names, in its order and of its types.

    So does Arrow with the files of a directory, which is how AWS's container reads them.

    Args:
        leading: How many columns stand before the features: 1 for a label.
    """

    def __init__(self, leading: int = 0) -> None:
        self._leading = leading
        self._schema: Any = None

    def read(self, source: bytes | Path) -> tuple[FloatArray, FloatArray] | None:
        """Reads the columns; a null is a missing value.

        Returns:
            The leading columns, shape (rows, leading), and the features, shape (rows, columns - leading); None where
            the file has no rows.

        Raises:
            DataError: It is not a Parquet file, it has no feature, a column is not numeric, or its columns are not
                those of the first file.
        """
        import pyarrow as pa  # noqa: PLC0415 - costs half a second, and only Parquet needs it
        from pyarrow import parquet  # noqa: PLC0415

        try:
            table = parquet.read_table(source if isinstance(source, Path) else pa.BufferReader(source))
        except (pa.ArrowInvalid, OSError) as error:
            raise DataError(f"not a readable Parquet file: {str(error).splitlines()[0]}") from error
        table = self._of_first_schema(table)
        if table.num_rows == 0:
            return None
        whole = np.empty((table.num_rows, table.num_columns), np.float32)
        for place, field in enumerate(table.schema):
            whole[:, place] = _numbers(table.column(place), field.name, place + 1)
        return whole[:, : self._leading], whole[:, self._leading :]

    def _of_first_schema(self, table: Any) -> Any:
        import pyarrow as pa  # noqa: PLC0415

        names = table.column_names
        if self._schema is None:
            if table.num_columns <= self._leading:
                raise DataError(
                    f"the Parquet file has {table.num_columns} column(s), but {self._leading} come(s) before the "
                    "features; expected the label first, then the features"
                )
            self._schema = table.schema
            return table
        if set(names) != set(self._schema.names):
            lacking = [name for name in self._schema.names if name not in names]
            other = [name for name in names if name not in self._schema.names]
            raise DataError(
                f"its columns are not those of the first file: it lacks {', '.join(lacking) or 'none'}, and has "
                f"{', '.join(other) or 'none'} besides"
            )
        try:
            return table.select(self._schema.names).cast(self._schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DataError(f"its columns are of other types than those of the first file: {error}") from error


def _numbers(column: Any, name: str, place: int) -> Any:
    """A column as numbers; what AWS's container makes numbers of is read, too: booleans, decimals, digits."""
    import pyarrow as pa  # noqa: PLC0415

    kind, told = pa.types, column.type
    if kind.is_dictionary(told):
        column = column.cast(told.value_type)
    of = column.type
    if kind.is_boolean(of):
        column = column.cast(pa.int8())
    elif kind.is_decimal(of) or kind.is_null(of) or kind.is_string(of) or kind.is_large_string(of):
        try:
            column = column.cast(pa.float64())
        except pa.ArrowInvalid as error:
            raise _not_numbers(name, place, told) from error
    elif not (kind.is_integer(of) or kind.is_floating(of)):
        raise _not_numbers(name, place, told)
    return column.to_numpy()


def _not_numbers(name: str, place: int, told: Any) -> DataError:
    return DataError(f"column {place} ('{name}') holds {told}; expected numbers only: encode or drop it")
