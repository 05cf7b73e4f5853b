import numpy as np
import pytest
from sagecraft_containers.data.libsvm_text import read_libsvm
from sagecraft_containers.errors import DataError

MANY_ROWS = b"1 0:0.5 2:1e-3\n0 1:2\n" * 2_000


def test_indices_count_from_zero_and_absent_ones_stay_absent() -> None:
    from scipy.sparse import csr_matrix

    table = read_libsvm(b"1 0:0.5 3:2\n0 1:7 # a comment\n\n-1\n")
    assert table.labels is not None
    assert table.labels.tolist() == [1, 0, -1]
    assert csr_matrix(table.features).toarray().tolist() == [[0.5, 0, 0, 2], [0, 7, 0, 0], [0, 0, 0, 0]]
    assert csr_matrix(table.features).nnz == 3


def test_small_and_large_inputs_are_read_alike() -> None:
    from scipy.sparse import csr_matrix

    small, large = read_libsvm(b"1 0:0.5 2:1e-3\n0 1:2\n"), read_libsvm(MANY_ROWS)
    assert large.features.shape == (4_000, 3)
    np.testing.assert_array_equal(
        csr_matrix(large.features).toarray(), np.tile(csr_matrix(small.features).toarray(), (2_000, 1))
    )
    assert small.labels is not None
    assert large.labels is not None
    np.testing.assert_array_equal(large.labels, np.tile(small.labels, 2_000))


def test_weights_and_groups_are_read() -> None:
    table = read_libsvm(b"1:0.5 qid:1 0:1\n0:2 qid:1 0:2\n3:1 qid:2 0:3\n")
    assert table.weights is not None
    assert table.query_ids is not None
    assert table.weights.tolist() == [0.5, 2, 1]
    assert table.query_ids.tolist() == [1, 1, 2]


@pytest.mark.parametrize("prefix", [b"", MANY_ROWS], ids=["small", "large"])
@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"x 0:1", "'x' is not a label; expected <label>"),
        (b"nan 0:1", "'nan' is not a label"),
        (b"1 2", "'2' is not <index>:<value>"),
        (b"1 a:2", "'a:2' is not <index>:<value>"),
        (b"1 2:", "'2:' is not <index>:<value>"),
        (b"1 2: 3", "'2:' is not <index>:<value>"),
        (b"1 2:3:4", "'2:3:4' is not <index>:<value>"),
        (b"1 1.5:2", "'1.5:2' is not <index>:<value>"),
        (b"1 -1:2", "'-1:2' is not <index>:<value>"),
        (b"1 99999999999:2", "'99999999999:2' is not <index>:<value>"),
        (b"1 0:inf", "'0:inf' is not <index>:<value>"),
        (b"1 qid:x 0:1", "'qid:x' is not qid:<whole number>"),
        (b"1:0.5 0:1", "either every row has a weight or none"),
        (b"1 qid:1 0:1", "either every row has a qid or none"),
        (b"1,2,3", "'1,2,3' is not a label"),
    ],
)
def test_a_bad_row_is_told_with_its_line(prefix: bytes, row: bytes, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_libsvm(prefix + b"1 0:1\n" + row + b"\n")
    assert caught.value.line == prefix.count(b"\n") + 2
    assert told in caught.value.problem


@pytest.mark.parametrize("nothing", [b"", b"\n \n", b"# only a comment\n"])
def test_no_rows_are_refused(nothing: bytes) -> None:
    with pytest.raises(DataError, match="there is no data"):
        read_libsvm(nothing)
