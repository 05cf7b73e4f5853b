"""The rows of a request to one of AWS's own algorithms.

Source: "Common data formats for inference" in the SageMaker developer guide.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.data.json_text import read_json, read_json_lines
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import DataError
from sagecraft_containers.serving.predictor import RequestError

_READERS: Final[Mapping[str, Callable[[bytes], Table]]] = {
    "text/csv": lambda body: Table(features=read_csv(body, complete=True)[1]),
    "application/json": read_json,
    "application/jsonlines": read_json_lines,
    "application/x-recordio-protobuf": read_recordio_protobuf,
}


def read_rows(body: bytes, content_type: str | None, columns: int, *, csv: bool = True) -> Table:
    """Reads the rows of a body.

    Args:
        body: The request's.
        content_type: The request's; JSON where it has none.
        columns: How many features a row must have.
        csv: Whether the algorithm reads CSV.

    Raises:
        RequestError: 415, the content type is none of the algorithm's; 400, the body is not what it says, or its rows
            have another number of features, or one that is missing or not finite.
    """
    media_type, _ = split_media_type(content_type or "application/json")
    known = [each for each in _READERS if csv or each != "text/csv"]
    if media_type not in known:
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content type '{content_type}' is not supported; use one of {', '.join(known)}.",
        )
    try:
        return _fitted(_READERS[media_type](body), columns)
    except DataError as error:
        raise unusable(error) from error


def unusable(problem: object) -> RequestError:
    """What is told of rows that a model cannot answer."""
    return RequestError(HTTPStatus.BAD_REQUEST, f"unable to evaluate payload provided: {problem}")


def _fitted(table: Table, columns: int) -> Table:
    if table.missing is not None:
        raise DataError(f"row {table.missing + 1}: a feature is missing or not a finite number; send a number for each")
    if table.columns < columns and not table.is_dense:
        return table.widened(columns)
    if table.columns != columns:
        raise DataError(
            f"the model has {columns} features, but the rows have {table.columns}; send the features alone, in the "
            "order of training"
        )
    return table
