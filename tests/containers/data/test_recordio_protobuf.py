import io
import struct

import numpy as np
import pytest
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf
from sagecraft_containers.errors import DataError
from sagemaker_training.recordio import _write_numpy_to_dense_tensor, _write_spmatrix_to_sparse_tensor

FEATURES = np.array([[0.5, 1.5, 2.5], [3.5, 4.5, 5.5]], np.float32)
LABELS = np.array([1.0, 0.0])


def dense(features: np.ndarray = FEATURES, labels: np.ndarray | None = LABELS) -> bytes:
    stream = io.BytesIO()
    _write_numpy_to_dense_tensor(stream, features, labels)
    return stream.getvalue()


def sparse(features: np.ndarray, labels: np.ndarray | None = LABELS) -> bytes:
    from scipy.sparse import csr_matrix

    stream = io.BytesIO()
    _write_spmatrix_to_sparse_tensor(stream, csr_matrix(features), labels)
    return stream.getvalue()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_dense_records_are_read_as_the_toolkit_writes_them(dtype: type) -> None:
    table = read_recordio_protobuf(dense(FEATURES.astype(dtype)))
    np.testing.assert_array_equal(table.features, FEATURES.astype(dtype))
    assert table.labels is not None
    assert table.labels.tolist() == [1, 0]


def test_records_without_labels_have_none() -> None:
    assert read_recordio_protobuf(dense(labels=None)).labels is None


def test_sparse_records_are_read_as_the_toolkit_writes_them() -> None:
    from scipy.sparse import csr_matrix

    matrix = np.array([[0, 1.5, 0, 0], [2.5, 0, 0, 0]])
    table = read_recordio_protobuf(sparse(matrix))
    np.testing.assert_array_equal(csr_matrix(table.features).toarray(), matrix)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "there is no record"),
        (b"1,2,3\n4,5,6\n", "record 1: no RecordIO frame begins at byte 0"),
        (dense()[:-2], "record 2: "),
        (dense() + b"\x00", "record 3: the data ends inside a frame's header"),
        (struct.pack("<II", 0xCED7230A, 4) + b"\xff\xff\xff\xff", "record 1: not a protobuf Record message"),
        (struct.pack("<II", 0xCED7230A, 0), "record 1: it has no feature named 'values'"),
        (struct.pack("<II", 0xCED7230A, 1 << 29), "split over several frames"),
        (dense() + dense(FEATURES[:, :2]), "record 3: 2 features, but the first record has 3"),
        (dense() + dense(labels=None), "record 3: either every record has a label or none"),
        (dense() + sparse(np.eye(2, 3)), "record 3: either every record has keys or none"),
    ],
)
def test_broken_data_is_told_with_the_record(data: bytes, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_recordio_protobuf(data)
    assert told in str(caught.value)
