"""Answers of AWS's own algorithms: the same values of each row, in any of their media types.

Source: "Common data formats for inference" in the SageMaker developer guide, and the page of each algorithm's formats.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.data.recordio_protobuf import write_label_records
from sagecraft_containers.serving.accept import Accept
from sagecraft_containers.serving.accept import accepted as negotiated
from sagecraft_containers.serving.predictor import Prediction

Columns = Mapping[str, npt.NDArray[Any]]
"""What is answered of each row, by name: shape (rows,), or (rows, values) for a list of values a row."""
JSON: Final = "application/json"


def accepted(header: str | None, *, csv: bool = False) -> Accept:
    """What an `Accept` header asks for: JSON where it takes anything.

    Args:
        header: The request's.
        csv: Whether the algorithm writes CSV.

    Raises:
        RequestError: 406, the algorithm does not write that.
    """
    return negotiated(header, [each for each in _WRITERS if csv or each != "text/csv"])


def write_answer(columns: Columns, key: str, media_type: str) -> Prediction:
    """Writes what is answered.

    Args:
        columns: The values of the rows.
        key: What JSON calls the list of rows, such as `predictions`.
        media_type: One that `accepted` gave.
    """
    return Prediction(_WRITERS[media_type](columns, key), media_type)


def _rows(columns: Columns) -> Iterator[dict[str, Any]]:
    values = [column.tolist() for column in columns.values()]
    return (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))


def _json(columns: Columns, key: str) -> bytes:
    return json.dumps({key: list(_rows(columns))}).encode()


def _json_lines(columns: Columns, _key: str) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in _rows(columns))


def _records(columns: Columns, _key: str) -> bytes:
    return write_label_records(_rows(columns))


def _csv(columns: Columns, _key: str) -> bytes:
    rows = ([each for value in row.values() for each in np.ravel(value).tolist()] for row in _rows(columns))
    return "".join(f"{','.join(map(str, row))}\n" for row in rows).encode()


_WRITERS: Final[Mapping[str, Callable[[Columns, str], bytes]]] = {
    JSON: _json,
    "application/jsonlines": _json_lines,
    "application/x-recordio-protobuf": _records,
    "text/csv": _csv,
}
