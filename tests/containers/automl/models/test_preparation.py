"""From columns to features."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.models.preparation import (
    Style,
    coded_columns,
    date_parts,
    preparation,
    text_lengths,
)
from sagecraft_containers.automl.problem import ProblemType

from tests.containers.automl.tables import analyzed, write


@pytest.mark.parametrize("style", Style)
def test_every_kind_of_column_becomes_numbers(tmp_path: Path, style: Style) -> None:
    dataset = analyzed(tmp_path).dataset
    rows = dataset.training
    prepared = preparation(dataset.schema, style, ProblemType.BINARY, len(rows), 0)
    features = prepared.fit_transform(rows.features, rows.target)
    assert features.shape[0] == 80
    columns = prepared if style in {Style.SCALED, Style.TREES} else prepared[0]
    assert {"dates", "text 0"} <= set(columns.named_transformers_)
    assert np.isfinite(np.asarray(features)).all() == (style is Style.SCALED)  # trees split at missing values


@pytest.mark.parametrize("style", Style)
def test_rows_of_nothing_but_missing_and_new_values_are_prepared(tmp_path: Path, style: Style) -> None:
    dataset = analyzed(tmp_path).dataset
    rows = dataset.training
    prepared = preparation(dataset.schema, style, ProblemType.BINARY, len(rows), 0).fit(rows.features, rows.target)
    nothing = {str(name): pd.Series([None, "Lima"], dtype=object) for name in rows.features}
    assert prepared.transform(dataset.schema.frame(nothing)).shape[0] == 2


@pytest.mark.filterwarnings("ignore:.*TargetEncoder")
@pytest.mark.parametrize(("style", "codes"), [(Style.CODED, 1), (Style.ALL_CODED, 2)])
def test_categories_are_numbers_before_all_else_for_what_learns_from_them(
    tmp_path: Path, style: Style, codes: int
) -> None:
    rows = [[number % 7 / 2, f"u{number % 60}", "ab"[number % 2], "xy"[number % 3 % 2]] for number in range(120)]
    directory = write(tmp_path / "training", rows, ("size", "user", "few", "y"))
    dataset = analyze(Definition("y"), directory).dataset
    learnt = dataset.training
    prepared = preparation(dataset.schema, style, dataset.problem, 120, 0).fit(learnt.features, learnt.target)
    assert coded_columns(dataset.schema, style) == ["user", "few"][2 - codes :]
    cells = {"size": ["30", None], "user": ["u1", None], "few": ["new", None]}
    served = dataset.schema.frame({name: pd.Series(values, dtype=object) for name, values in cells.items()})
    features = prepared.transform(served)
    assert features.dtypes.tolist() == [np.int32] * codes + [np.float64] * (3 - codes)
    assert features[0].tolist() == [-1, -1]


def test_parts_of_dates() -> None:
    times = pd.DataFrame({"t": [pd.Timestamp("2024-02-29 13:00"), pd.NaT]})
    parts = date_parts(times)
    assert parts[0].tolist() == [19782 + 13 / 24, 2024, 2, 29, 3, 13]
    assert np.isnan(parts[1]).all()


def test_lengths_of_texts() -> None:
    assert text_lengths(pd.Series(["two words", None], dtype=object)).tolist() == [[9, 2], [0, 0]]
