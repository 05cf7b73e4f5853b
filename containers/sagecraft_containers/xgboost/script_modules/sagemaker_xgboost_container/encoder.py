"""A request's body as a `DMatrix`, as AWS's container offers it to scripts: `decode` and the functions behind it."""

import json
from typing import Any

from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.xgboost.serving.decoding import (
    DECODERS,
    csv_to_dmatrix,
    libsvm_to_dmatrix,
    recordio_protobuf_to_dmatrix,
)

__all__ = ["csv_to_dmatrix", "decode", "json_to_jsonlines", "libsvm_to_dmatrix", "recordio_protobuf_to_dmatrix"]


def decode(obj: str | bytes, content_type: str) -> Any:
    """A body as a `DMatrix`.

    Raises:
        UnsupportedFormatError: Of the toolkit: the content type is not known.
    """
    media_type, _ = split_media_type(content_type)
    if media_type not in DECODERS:
        from sagemaker_training.errors import UnsupportedFormatError  # noqa: PLC0415 - slow to import

        raise UnsupportedFormatError(media_type)
    return DECODERS[media_type](obj)


def json_to_jsonlines(json_data: dict[str, Any] | str | bytes) -> bytes:
    """The entries of the one list in a JSON object, a line each.

    Raises:
        ValueError: The object has not one member alone.
    """
    content = json_data if isinstance(json_data, dict) else json.loads(json_data)
    if len(content) != 1:
        raise ValueError("JSON response is not compatible for conversion to jsonlines.")
    [entries] = content.values()
    return "".join(f"{json.dumps(entry)}\n" for entry in entries).encode()
