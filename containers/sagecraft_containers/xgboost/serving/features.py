"""The rows of a request's body, as AWS's XGBoost container reads them in algorithm mode."""

from http import HTTPStatus
from typing import Any, Final

from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.data.csv_text import BYTE_ORDER_MARK, read_csv
from sagecraft_containers.errors import DataError, UserError
from sagecraft_containers.serving.predictor import RequestError
from sagecraft_containers.xgboost.image import counts_libsvm_from_one

DEFAULT_CONTENT_TYPE: Final = "text/libsvm"


def read_features(body: bytes, content_type: str | None) -> Any:
    """Reads the rows of a body: dense with NaN for a missing value, or sparse. What has no content type is LIBSVM.

    Raises:
        RequestError: 415, the content type is not known, or the body is not what it says.
    """
    try:
        return _read(body, DEFAULT_CONTENT_TYPE if content_type is None else content_type)
    except UserError as error:
        raise RequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error


def _read(body: bytes, content_type: str) -> Any:
    match data_format(content_type):
        case DataFormat.CSV:
            stripped = body.strip()
            _check_csv(stripped)
            return read_csv(stripped, quotes=False)[1]
        case DataFormat.LIBSVM:
            from sagecraft_containers.data.libsvm_text import read_libsvm  # noqa: PLC0415 - slow to import

            return _from_zero(read_libsvm(body, needs_label=False).features)
        case DataFormat.RECORDIO_PROTOBUF:
            from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf  # noqa: PLC0415

            return read_recordio_protobuf(body).features
        case DataFormat.PARQUET:
            raise DataError(f"the Content-Type '{content_type}' is for training alone")


def _from_zero(features: Any) -> Any:
    """Sparse rows whose indices count from 0, as they do in training; newer images take those without a 0 otherwise."""
    if not counts_libsvm_from_one() or not features.nnz or features.indices.min() == 0:
        return features
    return features[:, 1:]


def _check_csv(body: bytes) -> None:
    """Refuses what a file may hold, but a request may not: there AWS's container decodes and splits the text itself."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"the text is not UTF-8, which it must be whatever its charset says: {error}") from error
    if body.startswith(BYTE_ORDER_MARK):
        raise DataError("the text begins with a byte order mark; send it without", line=1)
    lines = body.replace(b"\r\n", b"\n") if b"\r" in body else body
    if b"\r" in lines:
        raise DataError("a carriage return stands alone; end each row with a line feed")
    if b"\n\n" in lines:
        raise DataError("a row is empty", line=lines[: lines.index(b"\n\n")].count(b"\n") + 2)
