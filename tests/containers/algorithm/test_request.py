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


def test_a_sparse_row_among_dense_ones_is_zero_where_it_has_no_key() -> None:
    sparse_row = '{"data": {"features": {"keys": [0, 3], "values": [1, 4]}}}'
    body = f'{sparse_row}\n{{"features": [1.5, 16.0, 14.0, 23.0]}}'.encode()
    rows = np.asarray(read_rows(body, "application/jsonlines", 4).features)
    assert rows.tolist() == [[1, 0, 0, 4], [1.5, 16, 14, 23]]
    with pytest.raises(RequestError, match="a row has the key 3, and others have 2 features"):
        read_rows(f'{sparse_row}\n{{"features": [1, 2]}}'.encode(), "application/jsonlines", 4)


@pytest.mark.parametrize(
    ("body", "content_type", "told"),
    [
        (b"1,2,3", "text/csv", "the model has 4 features, but the rows have 3"),
        (b"{", "application/json", "it is not JSON"),
        (b"[1, 2]", "application/json", "expected an object with a list of rows"),
        (b'{"instances": [{"features": [1, "a"]}]}', "application/json", "row 1: expected a list of finite numbers"),
        (b'{"instances": [{"x": 1}]}', "application/json", "row 1 has no 'features'"),
        (b'{"features": [1, 2, 3, 4]}\n{"features": [1]}\n', "application/jsonlines", "rows of 1 and 4 features"),
        (b'{"features": [1, 2, 3, 4]}\n{\n', "application/jsonlines", "line 2: it is not JSON"),
        (SPARSE.replace("3]", "9]").encode(), "application/jsonlines", "the rows have 10"),
        (dense()[:-3], "application/x-recordio-protobuf", "record 2"),
        (b"1,2,3,4\n1,,3,4\n", "text/csv", "line 2: column 2 is empty or not a number"),
        (b"1,2,3,nan", "text/csv", "line 1: column 4 is empty or not a number"),
        (b"1,2,3,inf", "text/csv", "line 1: 'inf' in column 4 is not a finite number; expected numbers only$"),
        (b'{"instances": [{"features": [1, NaN, 3, 4]}]}', "application/json", "row 1: .*but number 2 is NaN"),
        (b'{"instances": [{"features": [1, null, 3, 4]}]}', "application/json", "row 1: .*but number 2 is null"),
        (b'{"features": [1, 2, 3, 1e39]}', "application/jsonlines", r"row 1: .*but number 4 is 1e\+39"),
        (b'{"features": [1, 2, 3, 1%s]}' % (b"0" * 400), "application/jsonlines", "row 1: .*but number 4 is 10"),
        (SPARSE.replace("23", "-Infinity").encode(), "application/jsonlines", "row 1: .*but number 2 is -Infinity"),
        (SPARSE.replace("[4]", "[1e400]").encode(), "application/jsonlines", "row 1: .*but number 1 is Infinity"),
        (SPARSE.replace("[4]", "[1e30]").encode(), "application/jsonlines", r"row 1: its shape has 1e\+30 columns"),
        (SPARSE.replace("[1, 3]", "[1, 1e19]").encode(), "application/jsonlines", "row 1: expected a key from 0 on"),
        (dense(np.array([[1, 2], [3, np.nan]])), "application/x-recordio-protobuf", "row 2: a feature is missing"),
        (sparse(np.array([[0, 1], [0, np.inf]])), "application/x-recordio-protobuf", "row 2: a feature is missing"),
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
