"""What a column is, by its cells."""

import random
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sagecraft_containers.automl.data.columns import Column, Kind, Schema, converted, infer, infer_column
from sagecraft_containers.errors import UserError

DRAW = random.Random(1)
ROWS = 200


def column(cells: Sequence[object]) -> Column:
    return infer_column("c", pd.Series(cells, dtype=object))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([str(number / 7) for number in range(ROWS)], Kind.NUMERIC),
        ([str(number % 3) for number in range(ROWS)], Kind.NUMERIC),
        (["1.5", None] * 50, Kind.CONSTANT),
        (["1e3", "-7", None, "2.5"] * 25, Kind.NUMERIC),
        ([str(1000 + number) for number in range(ROWS)], Kind.IDENTIFIER),
        ([str(number) for number in range(10)], Kind.NUMERIC),
        ([f"user-{number}x" for number in range(ROWS)], Kind.IDENTIFIER),
        (["red", "blue", None, "green"] * 25, Kind.CATEGORICAL),
        (["True", "False"] * 50, Kind.CATEGORICAL),
        ([f"zip{number % 80}" for number in range(ROWS)], Kind.MANY_CATEGORIES),
        ([f"{DRAW.choice('abc')} word {DRAW.choice(('yes', 'no'))} n{number}" for number in range(ROWS)], Kind.TEXT),
        ([f"{DRAW.choice(('PC', 'CA', 'SOTON'))} {number}" for number in range(ROWS)], Kind.TEXT),
        (["same"] * 50, Kind.CONSTANT),
        ([None] * 50, Kind.EMPTY),
        ([f"2024-{number % 12 + 1:02}-03" for number in range(ROWS)], Kind.DATETIME),
        ([f"2024-{number % 12 + 1:02}-03T10:00:0{number % 10}Z" for number in range(ROWS)], Kind.DATETIME),
        ([f"{number % 12 + 1}/28/2024" for number in range(ROWS)], Kind.DATETIME),
        ([f"28/{number % 12 + 1}/2024" for number in range(ROWS)], Kind.DATETIME),
        ([f"{number % 28 + 1:02}-Mar-2024" for number in range(ROWS)], Kind.DATETIME),
    ],
)
def test_the_cells_tell_what_a_column_is(cells: list[object], kind: Kind) -> None:
    assert column(cells).kind is kind


def test_a_few_words_among_numbers_count_as_missing() -> None:
    # `is_finite_numeric` in aws/sagemaker-scikit-learn-extension src/sagemaker_sklearn_extension/impute/base.py
    found = column([str(number) for number in range(0, 380, 4)] + ["unknown", "about 7", "inf", "8", "9"])
    assert (found.kind, round(found.unusable, 2)) == (Kind.NUMERIC, 0.03)
    values = converted(found, pd.Series(["4", "unknown", "inf", None], dtype=object))
    assert values.isna().tolist() == [False, True, True, True]


def test_many_words_among_numbers_make_categories() -> None:
    assert column(["1", "2", "low", "high"] * 25).kind is Kind.CATEGORICAL


def test_an_identifier_is_used_where_nothing_else_is() -> None:
    table = {"id": pd.Series([str(number) for number in range(50)], dtype=object)}
    assert [each.kind for each in infer(["id"], table)] == [Kind.NUMERIC]


@pytest.mark.parametrize(
    ("asked", "cells", "kind", "first"),
    [
        (Kind.CATEGORICAL, ["1", "2"] * 10, Kind.CATEGORICAL, "1"),
        (Kind.CATEGORICAL, [str(number) for number in range(100)], Kind.MANY_CATEGORIES, "0"),
        (Kind.NUMERIC, ["1", "many", "few", "3"] * 5, Kind.NUMERIC, 1.0),
        (Kind.DATETIME, ["2020-01-02", "?!", "2021-03-04"], Kind.DATETIME, pd.Timestamp("2020-01-02")),
        (Kind.TEXT, ["a calm one", "an angry one", "a calm day"] * 10, Kind.TEXT, "a calm one"),
        (Kind.TEXT, ["same"] * 20, Kind.CONSTANT, None),
    ],
)
def test_a_column_is_what_it_is_said_to_be(asked: Kind, cells: list[str], kind: Kind, first: object) -> None:
    table = {"x": pa.chunked_array([cells]), "other": pa.chunked_array([["a", "b"] * (len(cells) // 2)])}
    (column,) = infer(["x"], table, {"x": asked})
    assert column.kind is kind
    if kind.is_used:
        assert Schema((column,)).frame(table)["x"][0] == first


def test_a_column_that_is_said_to_be_numbers_and_has_none_is_refused() -> None:
    with pytest.raises(UserError, match="The column 'x' is said to be numeric, but none of its values is"):
        infer(["x"], {"x": pa.chunked_array([["a", "b"] * 10])}, {"x": Kind.NUMERIC})


def test_a_schema_goes_into_json_and_comes_back() -> None:
    schema = Schema((Column("a", Kind.NUMERIC, 0.5, 3, skew=1.5), Column("d", Kind.DATETIME, date_format="%d.%m.%Y")))
    assert Schema.from_json(schema.to_json()) == schema


def test_times_are_read_as_they_were_in_training() -> None:
    found = column([f"{number % 28 + 1:02}.03.2024" for number in range(ROWS)])
    times = converted(found, pd.Series(["02.03.2024", "2024-03-02", None], dtype=object))
    assert times[0] == pd.Timestamp(2024, 3, 2)
    assert times.isna().tolist() == [False, True, True]


def test_types_of_parquet_are_what_they_are() -> None:
    assert infer_column("c", pd.Series(pd.date_range("2024-01-01", periods=5, tz="UTC"))).kind is Kind.DATETIME
    assert infer_column("c", pd.Series([1.5, np.nan, 2.5])).kind is Kind.NUMERIC
    assert infer_column("c", pd.Series([True, False] * 5)).kind is Kind.CATEGORICAL
