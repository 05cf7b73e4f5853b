"""RecordIO-wrapped protobuf, the binary format of SageMaker's built-in algorithms.

A file is a run of frames: a magic number, a length, that many bytes of a `Record` message, and padding to four bytes.
The message's definition is that of the SageMaker training toolkit.
"""

import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sagecraft_containers.data.recordio_uniform import read_uniform
from sagecraft_containers.data.table import FloatArray, Table
from sagecraft_containers.errors import DataError

TENSORS: Final = ("float32_tensor", "float64_tensor", "int32_tensor")
"""The kinds of numbers that a record may hold."""
BLOCK_BYTES: Final = 1 << 23
_MAGIC: Final = 0xCED7230A
_HEADER: Final = struct.Struct("<II")
_LENGTH_BITS: Final = 29


class _Frames(NamedTuple):
    """Where the messages of some data stand.

    Attributes:
        bounds: Of each message, its offset and its length.
        end: Where the last whole frame ends.
        first: The number of the first record, from 1.
    """

    bounds: list[tuple[int, int]]
    end: int
    first: int


def read_recordio_protobuf(source: bytes | Path) -> Table:
    """Reads records with a `values` feature, and a `values` label where there is one.

    Returns:
        Dense features where no record has keys, else sparse ones.

    Raises:
        DataError: A frame or message is broken, a record has no features, or records differ in shape.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    return _read(data, _split(data, 1, whole=True), TENSORS)


def read_record_blocks(
    stream: BinaryIO, tensors: Collection[str] = TENSORS, block_bytes: int = BLOCK_BYTES
) -> Iterator[Table]:
    """Reads a stream of records as `read_recordio_protobuf` reads them all, some millions of bytes at a time.

    Args:
        stream: Read to its end.
        tensors: The kinds of numbers that are read, of `TENSORS`.
        block_bytes: How much is read at a time.

    Raises:
        DataError: As `read_recordio_protobuf`, or a record holds numbers of another kind.
    """
    rest, first = b"", 1
    while True:
        read = stream.read(block_bytes)
        data = rest + read
        frames = _split(data, first, whole=not read)
        if frames.bounds:
            yield _read(data, frames, tensors)
        elif not read:
            return
        first += len(frames.bounds)
        rest = data[frames.end :]


def write_label_records(rows: Iterable[Mapping[str, float | Sequence[float]]]) -> bytes:
    """Writes a record per row, with the row's values as its labels, each under its name."""
    from sagemaker_training.record_pb2 import Record  # noqa: PLC0415 - slow to import

    frames = []
    for row in rows:
        record = Record()
        for name, value in row.items():
            record.label[name].float32_tensor.values.extend(value if isinstance(value, Sequence) else [value])
        message = record.SerializeToString()
        frames += [_HEADER.pack(_MAGIC, len(message)), message, bytes(-len(message) % 4)]
    return b"".join(frames)


def _split(data: bytes, first: int, *, whole: bool) -> _Frames:
    """The whole frames of some data; with `whole` it must end with one."""
    bounds: list[tuple[int, int]] = []
    offset = 0
    while offset < len(data):
        number = first + len(bounds)
        if len(data) - offset < _HEADER.size:
            if whole:
                raise DataError(f"record {number}: the data ends inside a frame's header")
            break
        magic, length = _HEADER.unpack_from(data, offset)
        if magic != _MAGIC:
            raise DataError(f"record {number}: no RecordIO frame begins where it should; expected RecordIO protobuf")
        if length >> _LENGTH_BITS:
            raise DataError(f"record {number}: it is split over several frames, which is not supported")
        begin, end = offset + _HEADER.size, offset + _HEADER.size + (length + 3) // 4 * 4
        if whole and begin + length > len(data):
            raise DataError(f"record {number}: {length} bytes announced, but only {len(data) - begin} follow")
        if not whole and end > len(data):
            break
        bounds.append((begin, length))
        offset = end
    return _Frames(bounds, offset, first)


def _read(data: bytes, frames: _Frames, tensors: Collection[str]) -> Table:
    if not frames.bounds:
        raise DataError("there is no record")
    uniform = read_uniform(data, frames.bounds, tensors)
    return _read_each(data, frames, tensors) if uniform is None else uniform


def _read_each(data: bytes, frames: _Frames, tensors: Collection[str]) -> Table:
    rows: list[npt.NDArray[np.float32]] = []
    keys: list[npt.NDArray[np.int64]] = []
    labels: list[float] = []
    columns = 0
    for count, record in enumerate(_records(data, frames), start=1):
        number = frames.first + count - 1
        values, row_keys, shape = _features(record, number, tensors)
        if rows and (row_keys is None) != (not keys):
            raise DataError(f"record {number}: either every record has keys or none")
        if row_keys is None and rows and len(values) != len(rows[0]):
            raise DataError(f"record {number}: {len(values)} features, but the first record has {len(rows[0])}")
        if row_keys is not None:
            keys.append(row_keys)
            columns = max(columns, shape, int(row_keys.max()) + 1 if len(row_keys) else 0)
        rows.append(values)
        label = _label(record, number, tensors)
        if label is not None:
            labels.append(label)
        if len(labels) not in {0, count}:
            raise DataError(f"record {number}: either every record has a label or none")
    label_column: FloatArray | None = np.array(labels, np.float32) if labels else None
    if not keys:
        return Table(features=np.stack(rows), labels=label_column)
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - slow to import, and only sparse data needs it

    row_starts = np.cumsum([0, *(len(row) for row in rows)])
    sparse = csr_matrix((np.concatenate(rows), np.concatenate(keys), row_starts), shape=(len(rows), columns))
    return Table(features=sparse, labels=label_column)


def _records(data: bytes, frames: _Frames) -> Iterator[Any]:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # noqa: PLC0415 - no stubs; slow
    from sagemaker_training.record_pb2 import Record  # noqa: PLC0415

    for number, (offset, length) in enumerate(frames.bounds, start=frames.first):
        try:
            yield Record.FromString(data[offset : offset + length])
        except DecodeError as error:
            raise DataError(f"record {number}: not a protobuf Record message") from error


def _features(
    record: Any, number: int, tensors: Collection[str]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, int]:
    if "values" not in record.features:
        raise DataError(f"record {number}: it has no feature named 'values'")
    tensor = _tensor(record.features["values"], number, tensors)
    values = np.array(tensor.values, np.float32)
    if not tensor.keys and not tensor.shape:
        return values, None, 0
    if not tensor.keys and tensor.shape[-1] == len(values):
        return values, None, 0
    if len(tensor.keys) != len(values):
        raise DataError(f"record {number}: {len(tensor.keys)} keys for {len(values)} values")
    return values, np.array(tensor.keys, np.int64), int(tensor.shape[-1]) if tensor.shape else 0


def _label(record: Any, number: int, tensors: Collection[str]) -> float | None:
    if "values" not in record.label:
        return None
    tensor = _tensor(record.label["values"], number, tensors)
    if len(tensor.values) != 1:
        raise DataError(f"record {number}: a label of {len(tensor.values)} numbers; expected one")
    return float(tensor.values[0])


def _tensor(value: Any, number: int, tensors: Collection[str]) -> Any:
    kind = value.WhichOneof("value")
    if kind not in tensors:
        raise DataError(f"record {number}: it holds {kind or 'nothing'}; expected {' or '.join(tensors)}")
    return getattr(value, kind)
