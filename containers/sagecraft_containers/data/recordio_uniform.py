"""Records that differ in their numbers alone, as one program writes them of dense rows, read without parsing each."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sagecraft_containers.data.table import Table

_HEADER_BYTES: Final = 8
_DTYPES: Final = {"float32_tensor": "<f4", "float64_tensor": "<f8"}
"""The kinds of numbers that take as many bytes whatever they are."""
_MARKS: Final = (-1.125e30, 1.375e31)
"""Numbers to put in place of a record's, to see where they stand."""


class _Span(NamedTuple):
    """Where in a frame some numbers stand, and of which type they are."""

    begin: int
    end: int
    dtype: str


def read_uniform(data: bytes, bounds: Sequence[tuple[int, int]], tensors: Collection[str]) -> Table | None:
    """Reads dense records whose frames are the same byte by byte, but for the numbers in them.

    Args:
        data: Holds the frames.
        bounds: Of each message, its offset and its length; one frame follows the other.
        tensors: The kinds of numbers that are read.

    Returns:
        None where the records are not alike, or not dense: they must be read one by one.
    """
    begin, length = bounds[0]
    spans = _spans(data[begin : begin + length], tensors)
    stride = _HEADER_BYTES + (length + 3) // 4 * 4
    begin -= _HEADER_BYTES
    if (
        spans is None
        or len(data) < begin + stride * len(bounds)
        or bounds[-1][0] != bounds[0][0] + (stride * (len(bounds) - 1))
    ):
        return None
    frames = np.frombuffer(data, np.uint8, stride * len(bounds), begin).reshape(len(bounds), stride)
    edges = [0, *(edge for span in sorted(spans.values()) for edge in (span.begin, span.end)), stride]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if (frames[:, start:end] != frames[0, start:end]).any():
            return None
    labels = _numbers(frames, spans["label"])[:, 0] if "label" in spans else None
    return Table(features=_numbers(frames, spans["features"]), labels=labels)


def _numbers(frames: npt.NDArray[np.uint8], span: _Span) -> npt.NDArray[np.float32]:
    numbers = np.ascontiguousarray(frames[:, span.begin : span.end]).view(span.dtype)
    return np.asarray(numbers, np.float32)


def _spans(message: bytes, tensors: Collection[str]) -> dict[str, _Span] | None:
    """Where the numbers of a record stand; None where it is not dense, or written in an unusual way."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # noqa: PLC0415 - no stubs; slow
    from sagemaker_training.record_pb2 import Record  # noqa: PLC0415

    try:
        record = Record.FromString(message)
    except DecodeError:
        return None
    if record.SerializeToString() != message or set(record.features) != {"values"} or set(record.label) - {"values"}:
        return None
    marked, found = Record.FromString(message), {}
    for (name, value), mark in zip(_values(marked), _MARKS, strict=False):
        kind = value.WhichOneof("value")
        if kind not in tensors or kind not in _DTYPES:
            return None
        tensor = getattr(value, kind)
        count = len(tensor.values)
        if (
            tensor.keys
            or count == 0
            or (tensor.shape and tensor.shape[-1] != count)
            or (name, count > 1)
            == (
                "label",
                True,
            )
        ):
            return None
        tensor.values[:] = [mark] * count
        found[name] = (np.full(count, mark, _DTYPES[kind]).tobytes(), _DTYPES[kind])
    text, spans = marked.SerializeToString(), {}
    for name, (numbers, dtype) in found.items():
        place = text.find(numbers)
        if text.count(numbers) != 1:
            return None
        spans[name] = _Span(_HEADER_BYTES + place, _HEADER_BYTES + place + len(numbers), dtype)
    return spans


def _values(record: Any) -> list[tuple[str, Any]]:
    label = [("label", record.label["values"])] if "values" in record.label else []
    return [("features", record.features["values"]), *label]
