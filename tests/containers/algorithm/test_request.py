"""The rows of requests, in the four media types of AWS's own algorithms.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

import numpy as np
import pytest
from sagecraft_containers.algorithm.request import read_rows
from sagecraft_containers.serving.predictor import RequestError

from tests.containers.records import dense, sparse

ROWS = np.array([[1.5, 16.0, 14.0, 23.0]])
SPARSE = '{"data": {"features": {"keys": [1, 3], "shape": [4], "values": [16, 23]}}}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"1.5,16.0,14,23.0", "text/csv"),
        (b'{"instances": [{"features": [1.5, 16.0, 14, 23.0]}]}', "application/json"),
        (b'{"instances": [{"features": [[1.5], [16.0], [14], [23.0]]}]}', None),
        (b'{"instances": [{"data": {"features": {"values": [1.5, 16.0, 14, 23.0]}}}]}', "application/json"),
        (b'{"features": [1.5, 16.0, 14, 23.0]}\n', "application/jsonlines"),
        (b'{"data": {"features": {"values": [1.5, 16.0, 14.0, 23.0]}}}', "application/jsonlines"),
        (dense(ROWS.astype(np.float32), None), "application/x-recordio-protobuf"),
        (dense(ROWS, None), "application/x-recordio-protobuf"),
    ],
)
def test_dense_rows(body: bytes, content_type: str | None) -> None:
    assert np.asarray(read_rows(body, content_type, 4).features).tolist() == ROWS.tolist()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f'{{"instances": [{SPARSE}]}}'.encode(), "application/json"),
        (SPARSE.encode(), "application/jsonlines"),
        (sparse(np.array([[0, 16.0, 0, 23.0]]), None), "application/x-recordio-protobuf"),
    ],
)
def test_sparse_rows(body: bytes, content_type: str) -> None:
    table = read_rows(body, content_type, 5)
    assert not table.is_dense
    assert table.features.toarray().tolist() == [[0, 16, 0, 23, 0]]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [
        (b"1,2,3", "text/csv", "the model has 4 features, but the rows have 3"),
        (b"{", "application/json", "it is not JSON"),
        (b"[1, 2]", "application/json", "expected an object with a list of rows"),
        (b'{"instances": [{"features": [1, "a"]}]}', "application/json", "row 1: expected a list of numbers"),
        (b'{"instances": [{"x": 1}]}', "application/json", "row 1 has no 'features'"),
        (b'{"features": [1, 2, 3, 4]}\n{"features": [1]}\n', "application/jsonlines", "rows of 1 and 4 features"),
        (b'{"features": [1, 2, 3, 4]}\n{\n', "application/jsonlines", "line 2: it is not JSON"),
        (SPARSE.replace("3]", "9]").encode(), "application/jsonlines", "the rows have 10"),
        (dense()[:-3], "application/x-recordio-protobuf", "record 2"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(body: bytes, content_type: str, told: str) -> None:
    with pytest.raises(RequestError, match=f"^unable to evaluate payload provided: .*{told}") as caught:
        read_rows(body, content_type, 4)
    assert caught.value.status == 400


def test_another_content_type_is_not_read() -> None:
    with pytest.raises(RequestError, match="'text/libsvm' is not supported") as caught:
        read_rows(b"1:2", "text/libsvm", 4)
    assert caught.value.status == 415
