"""RecordIO-wrapped protobuf, the binary format of SageMaker's built-in algorithms.

A file is a run of frames: a magic number, a length, that many bytes of a `Record` message, and padding to four bytes.
The message's definition is that of the SageMaker training toolkit.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.data.table import FloatArray, Table
from sagecraft_containers.errors import DataError

_MAGIC: Final = 0xCED7230A
_HEADER: Final = struct.Struct("<II")
_LENGTH_BITS: Final = 29
_TENSORS: Final = ("float32_tensor", "float64_tensor", "int32_tensor")


def read_recordio_protobuf(source: bytes | Path) -> Table:
    """Reads records with a `values` feature, and a `values` label where there is one.

    Returns:
        Dense features where no record has keys, else sparse ones.

    Raises:
        DataError: A frame or message is broken, a record has no features, or records differ in shape.
    """
    data = source.read_bytes() if isinstance(source, Path) else source
    rows: list[npt.NDArray[np.float32]] = []
    keys: list[npt.NDArray[np.int64]] = []
    labels: list[float] = []
    columns = 0
    for number, message in enumerate(_records(data), start=1):
        values, row_keys, shape = _features(message, number)
        if rows and (row_keys is None) != (not keys):
            raise DataError(f"record {number}: either every record has keys or none")
        if row_keys is None and rows and len(values) != len(rows[0]):
            raise DataError(f"record {number}: {len(values)} features, but the first record has {len(rows[0])}")
        if row_keys is not None:
            keys.append(row_keys)
            columns = max(columns, shape, int(row_keys.max()) + 1 if len(row_keys) else 0)
        rows.append(values)
        label = _label(message, number)
        if label is not None:
            labels.append(label)
        if len(labels) not in {0, number}:
            raise DataError(f"record {number}: either every record has a label or none")
    if not rows:
        raise DataError("there is no record")
    label_column: FloatArray | None = np.array(labels, np.float32) if labels else None
    if not keys:
        return Table(features=np.stack(rows), labels=label_column)
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - slow to import, and only sparse data needs it

    row_starts = np.cumsum([0, *(len(row) for row in rows)])
    sparse = csr_matrix((np.concatenate(rows), np.concatenate(keys), row_starts), shape=(len(rows), columns))
    return Table(features=sparse, labels=label_column)


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


def _records(data: bytes) -> Iterator[Any]:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # noqa: PLC0415 - no stubs; slow
    from sagemaker_training.record_pb2 import Record  # noqa: PLC0415

    offset = 0
    number = 0
    while offset < len(data):
        number += 1
        if len(data) - offset < _HEADER.size:
            raise DataError(f"record {number}: the data ends inside a frame's header")
        magic, length = _HEADER.unpack_from(data, offset)
        if magic != _MAGIC:
            raise DataError(f"record {number}: no RecordIO frame begins at byte {offset}; expected RecordIO protobuf")
        if length >> _LENGTH_BITS:
            raise DataError(f"record {number}: it is split over several frames, which is not supported")
        offset += _HEADER.size
        if length > len(data) - offset:
            raise DataError(f"record {number}: {length} bytes announced, but only {len(data) - offset} follow")
        try:
            yield Record.FromString(data[offset : offset + length])
        except DecodeError as error:
            raise DataError(f"record {number}: not a protobuf Record message") from error
        offset += (length + 3) // 4 * 4


def _features(record: Any, number: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, int]:
    if "values" not in record.features:
        raise DataError(f"record {number}: it has no feature named 'values'")
    tensor = _tensor(record.features["values"], number)
    values = np.array(tensor.values, np.float32)
    if not tensor.keys and not tensor.shape:
        return values, None, 0
    if not tensor.keys and tensor.shape[-1] == len(values):
        return values, None, 0
    if len(tensor.keys) != len(values):
        raise DataError(f"record {number}: {len(tensor.keys)} keys for {len(values)} values")
    return values, np.array(tensor.keys, np.int64), int(tensor.shape[-1]) if tensor.shape else 0


def _label(record: Any, number: int) -> float | None:
    if "values" not in record.label:
        return None
    tensor = _tensor(record.label["values"], number)
    if len(tensor.values) != 1:
        raise DataError(f"record {number}: a label of {len(tensor.values)} numbers; expected one")
    return float(tensor.values[0])


def _tensor(value: Any, number: int) -> Any:
    kind = value.WhichOneof("value")
    if kind not in _TENSORS:
        raise DataError(f"record {number}: it holds {kind or 'nothing'}; expected one of {', '.join(_TENSORS)}")
    return getattr(value, kind)
