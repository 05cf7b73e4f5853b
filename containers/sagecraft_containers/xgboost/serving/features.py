"""The rows of a request's body."""

from http import HTTPStatus
from typing import Any, Final

from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.predictor import RequestError

CONTENT_TYPES: Final = ("text/csv", "text/libsvm", "text/x-libsvm", "application/x-recordio-protobuf")


def read_features(body: bytes, content_type: str) -> Any:
    """Reads the rows of a body: dense with NaN for a missing value, or sparse.

    Raises:
        RequestError: 415, the content type is not known.
        UserError: The body is not what its content type says.
    """
    if not body.strip():
        raise UserError("The body is empty; send at least one row.")
    try:
        form = data_format(content_type)
    except UserError:
        form = None
    match form:
        case DataFormat.CSV:
            return read_csv(body)[1]
        case DataFormat.LIBSVM:
            from sagecraft_containers.data.libsvm_text import read_libsvm  # noqa: PLC0415 - slow to import

            return read_libsvm(body, needs_label=False).features
        case DataFormat.RECORDIO_PROTOBUF:
            from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf  # noqa: PLC0415

            return read_recordio_protobuf(body).features
        case _:
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Content-Type '{content_type}' is not supported; use one of {', '.join(CONTENT_TYPES)}.",
            )
