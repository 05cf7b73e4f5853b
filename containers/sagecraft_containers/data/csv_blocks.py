"""CSV that may be larger than memory, some millions of bytes at a time."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.data.table import FloatArray
from sagecraft_containers.errors import DataError

BLOCK_BYTES: Final = 1 << 23


def read_csv_blocks(
    stream: BinaryIO, *, leading: int, block_bytes: int = BLOCK_BYTES, complete: bool = False
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Reads a stream of rows as `read_csv` reads them all.

    Args:
        stream: Read to its end.
        leading: How many columns stand before the features.
        block_bytes: How much is read at a time; a row may be longer.
        complete: Whether no feature may be missing.

    Yields:
        The leading columns and the features of some rows.

    Raises:
        DataError: As `read_csv`, with the line in the whole stream.
    """
    rest, lines = b"", 0
    while True:
        read = stream.read(block_bytes)
        data = rest + read
        end = data.rfind(b"\n") + 1 if read else len(data)
        text, rest = data[:end], data[end:]
        if text.strip():
            try:
                yield read_csv(text, leading=leading, complete=complete)
            except DataError as error:
                line = None if error.line is None else error.line + lines
                raise DataError(error.problem, line=line) from error
        if not read:
            return
        lines += text.count(b"\n")
