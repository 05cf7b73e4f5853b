"""Media types of data, and the formats that they stand for."""

from enum import StrEnum
from typing import Final

from sagecraft_containers.errors import UserError


class DataFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    LIBSVM = "libsvm"
    PARQUET = "parquet"
    RECORDIO_PROTOBUF = "recordio-protobuf"


_FORMATS: Final = {
    "csv": DataFormat.CSV,
    "text/csv": DataFormat.CSV,
    "libsvm": DataFormat.LIBSVM,
    "text/libsvm": DataFormat.LIBSVM,
    "text/x-libsvm": DataFormat.LIBSVM,
    "parquet": DataFormat.PARQUET,
    "application/x-parquet": DataFormat.PARQUET,
    "recordio-protobuf": DataFormat.RECORDIO_PROTOBUF,
    "application/x-recordio-protobuf": DataFormat.RECORDIO_PROTOBUF,
}


def data_format(content_type: str) -> DataFormat:
    """The format of a `ContentType`; parameters such as a charset are passed over.

    Raises:
        UserError: The type is not known, or says that the label is anything but one column (`label_size`).
    """
    media_type, parameters = split_media_type(content_type)
    if media_type not in _FORMATS:
        raise UserError(f"ContentType '{content_type}' is not supported; use one of {', '.join(_FORMATS)}.")
    if _FORMATS[media_type] is DataFormat.CSV and parameters.get("label_size", "1") != "1":
        raise UserError(
            f"ContentType '{content_type}' says label_size={parameters['label_size']}, but the label is one column, "
            "the first; leave label_size out or make it 1."
        )
    return _FORMATS[media_type]


def split_media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """`'Text/CSV; label_size=1'` → `('text/csv', {'label_size': '1'})`."""
    media_type, *parameters = (part.strip() for part in content_type.lower().split(";"))
    pairs = (parameter.partition("=") for parameter in parameters if parameter)
    return media_type, {key.strip(): value.strip().strip('"') for key, _, value in pairs}
