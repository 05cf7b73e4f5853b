"""Splits an object into the records of a batch transform, without holding the whole object.

RecordIO here is the framing of MXNet's RecordIO that SageMaker documents; a record keeps its framing, as do TFRecord's.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .job_failure import JobFailed

_RECORDIO_MAGIC: Final = 0xCED7230A
_LENGTH_MASK: Final = (1 << 29) - 1
_WORD: Final = 4
_TFRECORD_HEADER, _TFRECORD_FOOTER = 12, 4


def split(chunks: Iterable[bytes], split_type: str, uri: str) -> Iterator[bytes]:
    """The records of an object, in their order.

    Args:
        chunks: The object's bytes.
        split_type: `None` for one record, `Line`, `RecordIO` or `TFRecord`.
        uri: What the object is called in messages.

    Raises:
        JobFailed: The object is not what the split type says.
    """
    match split_type:
        case "Line":
            return _lines(chunks)
        case "RecordIO":
            return _framed(chunks, uri, "RecordIO", _WORD * 2, _recordio_size)
        case "TFRecord":
            return _framed(chunks, uri, "TFRecord", _TFRECORD_HEADER, _tfrecord_size)
        case _:
            return iter((b"".join(chunks),))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without their ends; empty ones are no records."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line := line.removesuffix(b"\r"):
                yield line
    if rest := rest.removesuffix(b"\r"):
        yield rest


def _recordio_size(header: bytes) -> int | None:
    magic, word = struct.unpack("<II", header)
    length = word & _LENGTH_MASK
    return None if magic != _RECORDIO_MAGIC else len(header) + length + -length % _WORD


def _tfrecord_size(header: bytes) -> int:
    [length] = struct.unpack_from("<Q", header)
    return _TFRECORD_HEADER + int(length) + _TFRECORD_FOOTER


def _framed(
    chunks: Iterable[bytes], uri: str, kind: str, header_size: int, size_of: Callable[[bytes], int | None]
) -> Iterator[bytes]:
    rest, number = b"", 0
    for chunk in chunks:
        rest += chunk
        begin = 0
        while len(rest) - begin >= header_size:
            size = size_of(rest[begin : begin + header_size])
            if size is None:
                raise JobFailed(f"ClientError: record {number + 1} of {uri} is not {kind}, but SplitType is {kind}.")
            if len(rest) - begin < size:
                break
            yield rest[begin : begin + size]
            begin, number = begin + size, number + 1
        rest = rest[begin:]
    if rest:
        raise JobFailed(f"ClientError: {uri} ends in the middle of record {number + 1}, but SplitType is {kind}.")
