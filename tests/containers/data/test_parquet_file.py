import io
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sagecraft_containers.data.parquet_file import read_parquet
from sagecraft_containers.errors import DataError


def written(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def test_numbers_of_every_kind_are_read_and_nulls_are_missing() -> None:
    data = written(
        {"label": [1, 0], "flag": [True, None], "number": [0.5, None], "count": pa.array([3, None], pa.int16())}
    )
    leading, features = read_parquet(data, leading=1)
    assert leading.tolist() == [[1], [0]]
    np.testing.assert_array_equal(features, np.array([[1, 0.5, 3], [np.nan, np.nan, np.nan]], np.float32))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"1,2,3\n", "not a readable Parquet file"),
        (written({"label": [1], "name": ["x"]}), "column 2 ('name') holds string; expected numbers only"),
        (written({"label": [1]}), "expected the label first, then the features"),
        (written({"label": pa.array([], pa.float32()), "x": pa.array([], pa.float32())}), "has no rows"),
    ],
)
def test_what_is_not_a_table_of_numbers_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_parquet(data, leading=1)
    assert told in str(caught.value)
