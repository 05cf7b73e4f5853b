"""The media type of a file that an endpoint is asked with."""

from pathlib import PurePath
from typing import Final

from sagecraft_infra.errors import UserError

CONTENT_TYPES: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".libsvm": "text/libsvm",
    ".svm": "text/libsvm",
    ".npy": "application/x-npy",
    ".parquet": "application/x-parquet",
    ".pb": "application/x-recordio-protobuf",
    ".recordio": "application/x-recordio-protobuf",
    ".txt": "text/plain",
}


def content_type_of(file: str) -> str:
    """The media type that the extension of a file stands for.

    Raises:
        UserError: None is known for it.
    """
    extension = PurePath(file).suffix.lower()
    if extension not in CONTENT_TYPES:
        known = ", ".join(sorted(CONTENT_TYPES))
        raise UserError(
            f"The media type of '{file}' is not clear from its name; known are {known}. Give --content-type."
        )
    return CONTENT_TYPES[extension]
