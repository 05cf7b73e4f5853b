"""From columns to features."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.models.preparation import Style, date_parts, preparation, text_lengths
from sagecraft_containers.automl.problem import ProblemType

from tests.containers.automl.tables import analyzed


@pytest.mark.parametrize("style", Style)
def test_every_kind_of_column_becomes_numbers(tmp_path: Path, style: Style) -> None:
    dataset = analyzed(tmp_path).dataset
    rows = dataset.training
    prepared = preparation(dataset.schema, style, ProblemType.BINARY, len(rows), 0)
    features = prepared.fit_transform(rows.features, rows.target)
    assert features.shape[0] == 80
    columns = prepared[0] if style is Style.CODED else prepared
    assert {"categories", "dates", "text 0"} <= set(columns.named_transformers_)
    assert np.isfinite(np.asarray(features)).all() == (style is Style.SCALED)  # trees split at missing values


@pytest.mark.parametrize("style", Style)
def test_rows_of_nothing_but_missing_and_new_values_are_prepared(tmp_path: Path, style: Style) -> None:
    dataset = analyzed(tmp_path).dataset
    rows = dataset.training
    prepared = preparation(dataset.schema, style, ProblemType.BINARY, len(rows), 0).fit(rows.features, rows.target)
    nothing = {str(name): pd.Series([None, "Lima"], dtype=object) for name in rows.features}
    assert prepared.transform(dataset.schema.frame(nothing)).shape[0] == 2


def test_categories_are_numbers_before_all_else_for_what_learns_from_them(tmp_path: Path) -> None:
    dataset = analyzed(tmp_path, features=["age", "city"]).dataset
    prepared = preparation(dataset.schema, Style.CODED, ProblemType.BINARY, 80, 0).fit(dataset.training.features)
    cells = {"age": pd.Series([30, None], dtype=object), "city": pd.Series(["Lima", None], dtype=object)}
    codes = prepared.transform(dataset.schema.frame(cells))
    assert codes.dtypes.tolist() == [np.int32, np.float64]
    assert codes[0].tolist()[0] == -1


def test_parts_of_dates() -> None:
    times = pd.DataFrame({"t": [pd.Timestamp("2024-02-29 13:00"), pd.NaT]})
    parts = date_parts(times)
    assert parts[0].tolist() == [19782 + 13 / 24, 2024, 2, 29, 3, 13]
    assert np.isnan(parts[1]).all()


def test_lengths_of_texts() -> None:
    assert text_lengths(pd.Series(["two words", None], dtype=object)).tolist() == [[9, 2], [0, 0]]
