"""Splits an object into the records of a batch transform, without holding the whole object.

RecordIO here is the framing of MXNet's RecordIO that SageMaker documents.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sagecraft_emulator.errors import JobFailed

from .record_io import MAGIC, MAX_RECORD_BYTES

_RECORDIO_HEADER: Final = 8
_RECORDIO_WORD: Final = 4
_TFRECORD_HEADER: Final = 12
_TFRECORD_FOOTER: Final = 4


def split(
    chunks: Iterable[bytes], split_type: str, uri: str, *, max_bytes: int | None = None, unwrap: bool = False
) -> Iterator[bytes]:
    """The records of an object, in their order.

    Args:
        chunks: The object's bytes.
        split_type: `None` for one record, `Line`, `RecordIO` or `TFRecord`.
        uri: What the object is called in messages.
        max_bytes: What may be held of a record that has not ended; None for no limit.
        unwrap: Whether a framed record is given out without its frame and padding.

    Raises:
        JobFailed: The object is not what the split type says, or a record is too large.
    """
    match split_type:
        case "Line":
            return _lines(chunks, uri, max_bytes)
        case "RecordIO":
            return _framed(chunks, uri, _RECORDIO, max_bytes, unwrap=unwrap)
        case "TFRecord":
            return _framed(chunks, uri, _TFRECORD, max_bytes, unwrap=unwrap)
        case "None":
            return _whole(chunks, uri, max_bytes)
        case _:
            raise JobFailed(
                f"ClientError: SplitType is '{split_type}'; it must be one of Line, None, RecordIO, TFRecord."
            )


def too_large(number: int, uri: str, size: str, max_bytes: int) -> JobFailed:
    """What to say of a record that is too large.

    Args:
        number: Of the record in its object, from 1.
        uri: The object.
        size: How large it is, as `has 7 bytes`.
        max_bytes: What is allowed.
    """
    return JobFailed(
        f"ClientError: Too much data for max payload size: record {number} of {uri} {size}, and MaxPayloadInMB allows "
        f"{max_bytes:,}. Set a larger MaxPayloadInMB, or a SplitType that makes smaller records."
    )


def _whole(chunks: Iterable[bytes], uri: str, max_bytes: int | None) -> Iterator[bytes]:
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        _check_size(size, 1, uri, max_bytes)
    yield b"".join(parts)


def _lines(chunks: Iterable[bytes], uri: str, max_bytes: int | None) -> Iterator[bytes]:
    """The lines without their ends; empty ones are no records."""
    begun: list[bytes] = []
    size, number = 0, 1
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        size += len(first)
        if not others:
            _check_size(size, number, uri, max_bytes)
            continue
        *whole, last = others
        for line in (b"".join(begun), *whole):
            if line := line.removesuffix(b"\r"):
                yield line
                number += 1
        begun, size = [last], len(last)
    if line := b"".join(begun).removesuffix(b"\r"):
        yield line


@dataclass(frozen=True)
class _Framing:
    """How a format frames its records.

    Attributes:
        name: The split type.
        header_size: Bytes before a record's content.
        sizes: From a header, the bytes of the content and those behind it; None for what is no header.
    """

    name: str
    header_size: int
    sizes: Callable[[bytes], tuple[int, int] | None]


def _recordio_sizes(header: bytes) -> tuple[int, int] | None:
    magic, word = struct.unpack("<II", header)
    length = word & MAX_RECORD_BYTES
    return (length, -length % _RECORDIO_WORD) if magic == MAGIC else None


def _tfrecord_sizes(header: bytes) -> tuple[int, int] | None:
    return struct.unpack_from("<Q", header)[0], _TFRECORD_FOOTER


_RECORDIO: Final = _Framing("RecordIO", _RECORDIO_HEADER, _recordio_sizes)
_TFRECORD: Final = _Framing("TFRecord", _TFRECORD_HEADER, _tfrecord_sizes)


def _framed(
    chunks: Iterable[bytes], uri: str, framing: _Framing, max_bytes: int | None, *, unwrap: bool
) -> Iterator[bytes]:
    rest, number, header_size = b"", 1, framing.header_size
    for chunk in chunks:
        rest += chunk
        begin = 0
        while len(rest) - begin >= header_size:
            sizes = framing.sizes(rest[begin : begin + header_size])
            if sizes is None:
                raise JobFailed(
                    f"ClientError: record {number} of {uri} is not {framing.name}, but SplitType is {framing.name}."
                )
            content, behind = sizes
            _check_size(content, number, uri, max_bytes)
            end = begin + header_size + content + behind
            if len(rest) < end:
                break
            yield rest[begin + header_size : end - behind] if unwrap else rest[begin:end]
            begin, number = end, number + 1
        rest = rest[begin:]
    if rest:
        raise JobFailed(f"ClientError: {uri} ends in the middle of record {number}, but SplitType is {framing.name}.")


def _check_size(size: int, number: int, uri: str, max_bytes: int | None) -> None:
    if max_bytes is not None and size > max_bytes:
        raise too_large(number, uri, f"has at least {size:,} bytes", max_bytes)
