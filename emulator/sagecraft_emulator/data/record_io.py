"""RecordIO: records in one stream, each with a header and padded to whole words.

Source: the format of `dmlc-core/include/dmlc/recordio.h`, which SageMaker's algorithms read.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from .storage import StorageError

MAGIC: Final = 0xCED7230A
MAX_RECORD_BYTES: Final = (1 << 29) - 1
_WORD_BYTES: Final = 4


def wrap(size: int, content: Iterable[bytes]) -> Iterator[bytes]:
    """A record of a content that comes in parts.

    Args:
        size: The bytes of all parts.
        content: The parts.

    Raises:
        StorageError: It is too long for one record.
    """
    if size > MAX_RECORD_BYTES:
        raise StorageError(
            f"An object of {size} bytes cannot be wrapped as RecordIO: a record holds at most {MAX_RECORD_BYTES} "
            "bytes. Split it, or store it as RecordIO and leave RecordWrapperType out."
        )
    yield struct.pack("<II", MAGIC, size)
    yield from content
    yield bytes(-size % _WORD_BYTES)
