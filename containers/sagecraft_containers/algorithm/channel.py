"""A channel of a job: its rows in blocks, or in batches of so many, as often as they are wanted."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.data.csv_blocks import read_csv_blocks
from sagecraft_containers.data.memory import memory_bytes
from sagecraft_containers.data.recordio_protobuf import TENSORS, read_record_blocks
from sagecraft_containers.data.table import Table, concatenated
from sagecraft_containers.errors import DataError, UserError

CSV: Final = "text/csv"
RECORDIO_PROTOBUF: Final = "application/x-recordio-protobuf"
_KEPT_BYTES: Final = 1 << 30
_MEMORY_SHARE: Final = 16
"""Of the memory: what is kept is there twice while it is put together, and an algorithm has other needs."""


@dataclass(frozen=True)
class Reading:
    """What an algorithm reads.

    Attributes:
        content_types: Those of its channels; a channel without one is of RecordIO protobuf.
        tensors: The kinds of numbers in records that it takes.
        labels: Whether it needs a label in every row; else it passes labels over.
    """

    content_types: tuple[str, ...] = (RECORDIO_PROTOBUF, CSV)
    tensors: Collection[str] = TENSORS
    labels: bool = True


def most_kept_bytes() -> int:
    """A channel of no more features than this is read once and kept; a larger one is read again in each epoch."""
    return min(_KEPT_BYTES, memory_bytes() // _MEMORY_SHARE)


Sources = Callable[[int], Iterator[tuple[str, BinaryIO]]]
"""Opens the sources of a channel for an epoch, from 0, each with the name to call it by; who reads them closes them."""


class Channel:
    """The rows of one channel.

    Args:
        name: The channel's.
        content_type: Of the job's definition; None where that has none.
        reading: What the algorithm reads.
        sources: Opens what is to be read.
        columns: How many features a row must have; None for as many as the first has.
        kept_bytes: Up to how many bytes of features are kept in memory; left out, `most_kept_bytes`.
    """

    def __init__(
        self,
        name: str,
        content_type: str | None,
        reading: Reading,
        sources: Sources,
        columns: int | None = None,
        kept_bytes: int | None = None,
    ) -> None:
        self.name, self._reading, self._sources = name, reading, sources
        self._columns = columns
        self._kept_bytes = most_kept_bytes() if kept_bytes is None else kept_bytes
        self._media_type, self._label_size = _checked(name, content_type or RECORDIO_PROTOBUF, reading)
        self._kept: Table | None = None
        self._head: list[Table] = []
        self._rest: Iterator[Table] | None = None
        self._epoch = 0

    @property
    def columns(self) -> int:
        """How many features a row has.

        Raises:
            UserError: The channel has no rows, or the first ones are wrong.
        """
        if self._columns is None:
            self._begin()
        if self._columns is None:
            raise AssertionError("the first rows have set the columns")
        return self._columns

    def blocks(self) -> Iterator[Table]:
        """Reads the channel once more, in blocks of any size.

        Raises:
            UserError: The channel has no rows, or they are wrong, naming the file.
        """
        self._begin()
        if self._kept is not None:
            yield self._kept
            return
        rest, self._rest = self._rest, None
        if rest is None:
            yield from self._read()
        else:
            yield from self._head
            self._head = []
            yield from rest

    def head(self, rows: int) -> Table:
        """Looks at the first rows, at most so many, before the channel is read.

        Raises:
            UserError: As `blocks`.
        """
        self._begin()
        blocks = self._head if self._kept is None else [self._kept]
        return concatenated(blocks).rows_between(0, rows)

    def kept(self) -> Table | None:
        """All rows, where they are kept in memory.

        Raises:
            UserError: As `blocks`.
        """
        self._begin()
        return self._kept

    def has(self, rows: int) -> bool:
        """Whether there are so many rows; of a channel that is too large to be kept there are.

        Raises:
            UserError: As `blocks`.
        """
        self._begin()
        return self._kept is None or self._kept.rows >= rows

    def batches(self, rows: int) -> Iterator[Table]:
        """Reads the channel once more, in batches of so many rows; the last one may have fewer.

        Raises:
            UserError: As `blocks`.
        """
        pending: list[Table] = []
        for block in self.blocks():
            pending.append(block)
            if sum(each.rows for each in pending) < rows:
                continue
            table = concatenated(pending)
            whole = table.rows - table.rows % rows
            for begin in range(0, whole, rows):
                yield table.rows_between(begin, begin + rows)
            pending = [table.rows_between(whole, table.rows)] if whole < table.rows else []
        if pending:
            yield concatenated(pending)

    def table(self) -> Table:
        """All rows at once, for what cannot be computed otherwise.

        Raises:
            UserError: As `blocks`.
        """
        return concatenated(list(self.blocks()))

    def _begin(self) -> None:
        """Reads the first rows, once: all of them, where they are to be kept."""
        if self._epoch:
            return
        rest, size = self._read(), 0
        for block in rest:
            self._head.append(block)
            size += block.nbytes
            if size > self._kept_bytes:
                self._rest = rest
                return
        self._kept = concatenated(self._head)
        self._head.clear()

    def _read(self) -> Iterator[Table]:
        epoch, self._epoch = self._epoch, self._epoch + 1
        first: Table | None = None
        for source, stream in self._sources(epoch):
            with stream:
                try:
                    for block in self._tables(stream):
                        first = first or block
                        yield self._fitted(block, first)
                except DataError as error:
                    raise error.at(source) from error
        if first is None:
            raise UserError(f"The channel '{self.name}' holds no data; check its S3Uri.")

    def _tables(self, stream: BinaryIO) -> Iterator[Table]:
        if self._media_type != CSV:
            yield from read_record_blocks(stream, self._reading.tensors)
            return
        for leading, features in read_csv_blocks(stream, leading=self._label_size, complete=True):
            yield Table(features=features, labels=leading[:, 0] if self._label_size else None)

    def _fitted(self, table: Table, first: Table) -> Table:
        """The rows checked, and as wide as all are.

        Raises:
            DataError: They are not as the others, a number is missing, or a label.
        """
        if table.is_dense is not first.is_dense:
            raise DataError("some rows are sparse and some dense; write all alike")
        if self._columns is None:
            self._columns = table.columns
        too_few = table.columns < self._columns
        if table.columns > self._columns or (too_few and table.is_dense):
            raise DataError(
                f"the rows have {table.columns} features, but expected are {self._columns}; make all of a job's rows, "
                "and feature_dim, the same"
            )
        if table.missing is not None:
            raise DataError("a feature is missing or not a finite number; fill it before training")
        if not self._reading.labels:
            table = Table(features=table.features)
        elif table.labels is None:
            raise DataError("the rows have no label; each must have one")
        elif not np.isfinite(table.labels).all():
            row = int((~np.isfinite(table.labels)).argmax())
            raise DataError(f"the label of row {row + 1} is missing or not a finite number")
        return table.widened(self._columns) if too_few else table


def _checked(name: str, content_type: str, reading: Reading) -> tuple[str, int]:
    """The media type of a channel, and how many labels stand before the features of its CSV."""
    media_type, parameters = split_media_type(content_type)
    if media_type not in reading.content_types:
        raise UserError(
            f"The channel '{name}' has ContentType '{content_type}', which is not supported; use one of "
            f"{', '.join(reading.content_types)}."
        )
    label_size = parameters.get("label_size", "1")
    if label_size not in {"0", "1"}:
        raise UserError(f"The channel '{name}' says label_size={label_size}; it must be 0 or 1.")
    return media_type, int(label_size)
