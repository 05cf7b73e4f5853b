"""A request's body as a `DMatrix` for a script, by the rules of `sagemaker_xgboost_container.encoder`.

Source: `encoder.py` of `aws/sagemaker-xgboost-container`, which is stricter than the algorithm itself: CSV must not end
with a line break.
"""

import csv
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from sagecraft_containers.data.libsvm_text import read_libsvm
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf
from sagecraft_containers.xgboost.image import counts_libsvm_from_one
from sagecraft_containers.xgboost.library import xgboost

_SNIFFED_CHARACTERS: Final = 512


def csv_to_dmatrix(input: str | bytes, dtype: Any = None) -> Any:  # noqa: A002 - AWS's name
    """The rows of CSV, with nothing between two delimiters for a missing value.

    Args:
        input: The text; no line break may end it.
        dtype: Of the numbers; 64-bit floats when None.
    """
    text = input.decode() if isinstance(input, bytes) else input
    sniffed = csv.Sniffer().sniff(text.split("\n")[0][:_SNIFFED_CHARACTERS]).delimiter
    delimiter = "," if sniffed.isalnum() else sniffed
    rows = [[cell or "nan" for cell in line.split(delimiter)] for line in text.split("\n")]
    return xgboost.DMatrix(np.array(rows).astype(dtype or np.float64))


def libsvm_to_dmatrix(string_like: str | bytes) -> Any:
    """The rows of LIBSVM, with or without labels.

    In the newest image what a row leaves out is 0, and where no index is 0 they are counted from 1.
    """
    body = string_like.encode() if isinstance(string_like, str) else bytes(string_like)
    features: Any = read_libsvm(body, needs_label=False).features
    if not counts_libsvm_from_one():
        return xgboost.DMatrix(features)
    dense = features.toarray()
    return xgboost.DMatrix(dense[:, 1:] if features.nnz and features.indices.min() > 0 else dense)


def recordio_protobuf_to_dmatrix(string_like: bytes) -> Any:
    """The records of RecordIO protobuf."""
    table = read_recordio_protobuf(bytes(string_like))
    return xgboost.DMatrix(table.features, label=table.labels)


DECODERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "text/csv": csv_to_dmatrix,
    "text/libsvm": libsvm_to_dmatrix,
    "text/x-libsvm": libsvm_to_dmatrix,
    "application/x-recordio-protobuf": recordio_protobuf_to_dmatrix,
}
"""By media type."""
