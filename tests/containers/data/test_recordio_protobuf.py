import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from sagecraft_containers.data.recordio_protobuf import read_record_blocks, read_recordio_protobuf
from sagecraft_containers.errors import DataError

from tests.containers.records import FEATURES, dense, sparse


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
        (b"1,2,3\n4,5,6\n", "record 1: no RecordIO frame begins where it should"),
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


@pytest.mark.parametrize("block_bytes", [1, 100, 1 << 20])
@pytest.mark.parametrize("write", [dense, sparse])
def test_blocks_of_a_stream_hold_the_same_rows(write: Callable[..., bytes], block_bytes: int) -> None:
    from scipy.sparse import csr_matrix

    data = write(np.arange(60.0, dtype=np.float32).reshape(20, 3), np.arange(20, dtype=np.float32))
    blocks = list(read_record_blocks(io.BytesIO(data), block_bytes=block_bytes))
    assert np.concatenate([np.asarray(block.labels) for block in blocks]).tolist() == list(range(20))
    features = np.concatenate([csr_matrix(block.features).toarray() for block in blocks])
    assert features.ravel().tolist() == list(range(60))


def test_a_stream_that_is_cut_off_is_told_with_the_record_of_the_whole() -> None:
    data = dense(np.ones((20, 3), np.float32), np.ones(20, np.float32))
    with pytest.raises(DataError, match=r"^record 20: "):
        list(read_record_blocks(io.BytesIO(data[:-5]), block_bytes=100))


def test_numbers_of_another_kind_than_is_read_are_refused() -> None:
    with pytest.raises(DataError, match="record 1: it holds float64_tensor; expected float32_tensor"):
        list(read_record_blocks(io.BytesIO(dense(FEATURES.astype(np.float64))), ("float32_tensor",)))


@pytest.mark.parametrize("label", [0.0, 0.5, -1.125e30])
def test_a_record_of_one_feature_is_not_mixed_up_with_its_label(label: float) -> None:
    table = read_recordio_protobuf(dense(np.array([[0.5], [0.0]], np.float32), np.full(2, label, np.float32)))
    assert np.asarray(table.features).tolist() == [[0.5], [0.0]]
    assert table.labels is not None
    assert table.labels.tolist() == np.full(2, label, np.float32).tolist()
