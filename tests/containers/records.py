"""Records as the training toolkit writes and reads them."""

import io
from typing import Any

import numpy as np
from sagemaker_training.record_pb2 import Record
from sagemaker_training.recordio import (
    _read_recordio,
    _write_numpy_to_dense_tensor,
    _write_spmatrix_to_sparse_tensor,
)

FEATURES = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]], np.float32)
LABELS = np.array([1.0, 0.0], np.float32)


def dense(features: np.ndarray = FEATURES, labels: np.ndarray | None = LABELS) -> bytes:
    stream = io.BytesIO()
    _write_numpy_to_dense_tensor(stream, features, labels)
    return stream.getvalue()


def sparse(features: np.ndarray, labels: np.ndarray | None = LABELS) -> bytes:
    from scipy.sparse import csr_matrix

    stream = io.BytesIO()
    _write_spmatrix_to_sparse_tensor(stream, csr_matrix(features), labels)
    return stream.getvalue()


def label_maps(body: bytes) -> list[dict[str, list[float]]]:
    """What each record of an answer says, by name."""
    records: list[Any] = [Record.FromString(message) for message in _read_recordio(io.BytesIO(body))]
    return [{name: list(each.float32_tensor.values) for name, each in record.label.items()} for record in records]
