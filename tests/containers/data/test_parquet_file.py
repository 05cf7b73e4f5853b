import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sagecraft_containers.data.parquet_file import ParquetReader
from sagecraft_containers.errors import DataError


def written(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def twice_the_column_a() -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table([pa.array([1.0])] * 3, names=["y", "a", "a"]), stream)
    return stream.getvalue()


def test_numbers_of_every_kind_are_read_and_nulls_are_missing() -> None:
    # what pyarrow's to_pandas and xgboost.DMatrix make of the columns, as AWS's container reads Parquet
    data = written(
        {
            "label": [1, 0],
            "flag": [True, None],
            "number": [0.5, None],
            "count": pa.array([3, None], pa.int16()),
            "price": [Decimal("1.5"), None],
            "code": pa.array([7, None]).dictionary_encode(),
            "digits": ["8", None],
            "nothing": pa.nulls(2),
        }
    )
    read = ParquetReader(leading=1).read(data)
    assert read is not None
    assert read[0].tolist() == [[1], [0]]
    np.testing.assert_array_equal(read[1][0], np.array([1, 0.5, 3, 1.5, 7, 8, np.nan], np.float32))
    assert np.isnan(read[1][1]).all()


def test_columns_of_later_files_are_found_by_their_names() -> None:
    reader = ParquetReader(leading=1)
    reader.read(written({"y": [1.0], "a": [2.0], "b": [3.0]}))
    read = reader.read(written({"b": [30], "y": [10], "a": [20]}))
    assert read is not None
    assert [each.tolist() for each in read] == [[[10]], [[20, 30]]]


def test_files_without_rows_are_passed_over() -> None:
    reader = ParquetReader(leading=1)
    assert reader.read(written({"y": pa.array([], pa.float64()), "a": pa.array([], pa.float64())})) is None
    read = reader.read(written({"a": [2.0], "y": [1.0]}))
    assert read is not None
    assert read[0].tolist() == [[1]]


@pytest.mark.parametrize(
    ("later", "told"),
    [
        ({"y": [1.0], "a": [1]}, "it lacks b, and has none besides"),
        ({"y": [1.0], "a": [1], "c": [1.0]}, "it lacks b, and has c besides"),
        ({"y": [1.0], "a": [1.5], "b": [1.0]}, "of other types than those of the first file: Float value 1.5"),
        ({"y": [1.0], "a": [[1]], "b": [1.0]}, "of other types than those of the first file: "),
    ],
)
def test_files_that_do_not_fit_the_first_one_are_refused(later: dict[str, Any], told: str) -> None:
    reader = ParquetReader(leading=1)
    reader.read(written({"y": [1.0], "a": [1], "b": [1.0]}))
    with pytest.raises(DataError, match=re.escape(told)):
        reader.read(written(later))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (lambda: b"1,2,3\n", "not a readable Parquet file"),
        (lambda: written({"label": [1], "name": ["x"]}), "column 2 ('name') holds string; expected numbers only"),
        (lambda: written({"label": [1], "pair": [[1, 2]]}), "column 2 ('pair') holds list<element: int64>"),
        (lambda: written({"label": [1], "nested": [{"a": 1}]}), "column 2 ('nested') holds struct<a: int64>"),
        (lambda: written({"label": [1], "day": [date(2020, 1, 1)]}), "column 2 ('day') holds date32[day]"),
        (
            lambda: written({"label": [1], "kind": pa.array(["x"]).dictionary_encode()}),
            "column 2 ('kind') holds dictionary<",
        ),
        (lambda: written({"label": [1]}), "expected the label first, then the features"),
        (twice_the_column_a, "not a readable Parquet file: Multiple matches for FieldRef.Name(a)"),
    ],
)
def test_what_is_not_a_table_of_numbers_is_refused(data: Callable[[], bytes], told: str) -> None:
    with pytest.raises(DataError) as caught:
        ParquetReader(leading=1).read(data())
    assert told in str(caught.value)
