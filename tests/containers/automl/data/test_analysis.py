"""The analysis of channels: what comes out, and every reason for which a job's data is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.data.columns import Kind
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.definition import PARQUET, Definition
from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.errors import UserError

from tests.containers.automl.tables import HEADER, analyzed, people, write

NUMBERS = [[number, number % 5, "ab"[number % 2]] for number in range(40)]
NAMES = ("a", "b", "target")


def test_each_column_is_what_it_is(tmp_path: Path) -> None:
    analysis = analyzed(tmp_path)
    assert {column.name: column.kind for column in analysis.dataset.schema.columns} == {
        "id": Kind.IDENTIFIER,
        "age": Kind.NUMERIC,
        "city": Kind.CATEGORICAL,
        "note": Kind.TEXT,
        "since": Kind.DATETIME,
        "empty": Kind.EMPTY,
        "same": Kind.CONSTANT,
    }
    assert analysis.dataset.target.classes == ("no", "yes")
    assert "The column 'empty' is empty and is left out." in analysis.notes


def test_few_rows_are_validated_across_folds_that_are_drawn_twice(tmp_path: Path) -> None:
    dataset = analyzed(tmp_path).dataset
    assert dataset.validation is None
    assert dataset.folds.shape == (2, 80)
    held = np.concatenate([held for _, held in dataset.splits()])
    assert np.bincount(held).tolist() == [2] * 80
    assert not any(set(learnt) & set(held) for learnt, held in dataset.splits())


def test_a_fraction_or_a_channel_validates_instead(tmp_path: Path) -> None:
    held = analyzed(tmp_path / "fraction", validation_fraction=0.25).dataset
    assert (len(held.training), held.validation and len(held.validation), len(held.folds)) == (60, 20, 0)
    validation = write(tmp_path / "validation", people(30))
    both = analyze(Definition("target"), write(tmp_path / "training", people()), validation).dataset
    assert (len(both.training), both.validation and len(both.validation)) == (80, 30)


def test_a_dataset_is_read_as_it_was_saved(tmp_path: Path) -> None:
    dataset = analyzed(tmp_path, validation_fraction=0.25, weight="id", algorithms=["xgboost"]).dataset
    dataset.save(tmp_path / "prepared")
    read = Dataset.load(tmp_path / "prepared")
    assert (read.schema, read.target, read.metric, read.seed) == (
        dataset.schema, dataset.target, dataset.metric, dataset.seed,
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        read.training.features, dataset.training.features.reset_index(drop=True), check_categorical=False
    )
    assert read.validation is not None
    assert np.array_equal(read.validation.target, dataset.validation.target)  # type: ignore[union-attr]


def test_a_dataset_is_mapped_from_its_file_in_few_bytes_a_cell(tmp_path: Path) -> None:
    analyzed(tmp_path).dataset.save(tmp_path / "prepared")
    features = Dataset.load(tmp_path / "prepared").training.features
    assert [str(kind).partition("[")[0] for kind in features.dtypes] == [
        "float32", "category", "large_string", "datetime64",
    ]  # fmt: skip
    assert not features["age"].to_numpy().flags.owndata


def test_numbers_that_32_bits_do_not_tell_apart_have_64(tmp_path: Path) -> None:
    rows = [
        [16_777_216 + number % 9, number % 9 / 10, 1e300 * (number % 9 + 1), "ab"[number % 2]] for number in range(90)
    ]
    dataset = analyze(Definition("y"), write(tmp_path, rows, ("whole", "tenths", "huge", "y"))).dataset
    assert dataset.training.features.dtypes.to_dict() == {
        "whole": np.float64, "tenths": np.float32, "huge": np.float64,
    }  # fmt: skip
    served = dataset.schema.frame(
        {"whole": pd.Series(["16777217"]), "tenths": pd.Series(["0.1"]), "huge": pd.Series(["x"])}
    )
    assert served.dtypes.to_dict() == dataset.training.features.dtypes.to_dict()
    assert served["tenths"][0] == dataset.training.features["tenths"][1]


def test_rows_without_a_target_are_left_out(tmp_path: Path) -> None:
    rows = [*NUMBERS, [1, 2, ""], [1, 2, "NA"]]
    analysis = analyze(Definition("target"), write(tmp_path, rows, NAMES))
    assert (analysis.rows, len(analysis.dataset.training)) == (42, 40)
    assert analysis.notes[0] == "2 row(s) have no value of the target 'target' and are left out."


def test_features_and_weights_are_chosen(tmp_path: Path) -> None:
    rows = [[number, number % 5 / 2, number % 3, "ab"[number % 2]] for number in range(40)]
    directory = write(tmp_path, rows, ("a", "w", "b", "target"))
    dataset = analyze(Definition("target", features=("b",), weight="w"), directory).dataset
    assert [column.name for column in dataset.schema.columns] == ["b"]
    assert dataset.training.weights is not None
    assert dataset.training.weights[:3].tolist() == [0.0, 0.5, 1.0]


def test_a_target_of_parquet_is_written_without_a_fraction(tmp_path: Path) -> None:
    table = pa.table({"x": [float(n) for n in range(30)], "target": [0.0, 1.0, None] * 10})
    parquet.write_table(table, tmp_path / "t.parquet")
    dataset = analyze(Definition("target", content_type=PARQUET), tmp_path).dataset
    assert (dataset.problem, dataset.target.classes) == (ProblemType.BINARY, ("0", "1"))


@pytest.mark.slow
def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(10_000)]
    rows = [[*((row * number) % 7 for number in range(10_000)), "ab"[row % 2]] for row in range(12)]
    dataset = analyze(Definition("target"), write(tmp_path, rows, [*names, "target"])).dataset
    assert len(dataset.schema.columns) == 10_000


@pytest.mark.parametrize(
    ("rows", "header", "definition", "message"),
    [
        (
            NUMBERS,
            NAMES,
            {"target": "label"},
            r"The target column 'label' is not in the data; the columns are a, b, target",
        ),
        (NUMBERS, NAMES, {"target": "Target"}, "The target column 'Target' is not in the data; did you mean 'target'"),
        (NUMBERS, NAMES, {"features": ["z"]}, "The feature column 'z' is not in the data"),
        (NUMBERS, NAMES, {"weight": "z"}, "The sample weight column 'z' is not in the data"),
        (NUMBERS[7:], None, {}, "The first row of the training data looks like values, not like a header .7, 2, b."),
        (
            NUMBERS,
            NAMES,
            {"target": "_c2", "content_type": "text/csv;header=absent"},
            "looks like a header .'a' above numbers., but the content type .* says that there is none",
        ),
        ([[1, 2, ""]] * 20, NAMES, {}, "The target 'target' has no value in any of the 20 rows"),
        ([[1, 2, "x"]] * 20, NAMES, {}, "has the one value 'x' in all rows"),
        ([[n, n, f"u{n}"] for n in range(20)], NAMES, {}, "Each of the 20 rows has a value of its own"),
        ([*NUMBERS, [1, 2, "c"]], NAMES, {}, "The class 'c' of the target 'target' has one row"),
        ([[n, n, "abc"[n % 3]] for n in range(6)], NAMES, {}, r"has 6 row\(s\) with a target; 10 is the least"),
        ([["", "x", "ab"[n % 2]] for n in range(20)], NAMES, {}, "No column is left .*'a' is empty, 'b' is constant"),
        (NUMBERS, NAMES, {"objective": "MSE"}, "'MSE' is not one of a BinaryClassification problem"),
        (NUMBERS, NAMES, {"weight": "target"}, "The column 'target' is the target, so it cannot be the sample weight"),
        (
            [[number, "xy"[number % 2], "ab"[number % 2]] for number in range(40)],
            NAMES,
            {"weight": "b"},
            "The sample weights 'b' .* must be numbers",
        ),
        (NUMBERS, NAMES, {"validation_fraction": 1.5}, "must be between 0 and 1, got 1.5"),
        (NUMBERS, NAMES, {"validation_fraction": 0.01}, "leaves a side without every class"),
    ],
)
def test_data_that_cannot_be_learnt_from_is_refused_with_its_reason(
    tmp_path: Path,
    rows: list[list[object]],
    header: tuple[str, ...] | None,
    definition: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(UserError, match=message):
        analyze(Definition.from_json({"target": "target", **definition}), write(tmp_path / "training", rows, header))


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (
            [[1, 2, "c"]],
            NAMES,
            "The validation data has the class 'c' of the target 'target', which the training data has",
        ),
        ([[1, "a"]], ("a", "target"), "The validation data lacks the column 'b', unlike the training data"),
        (
            [[1, 2, 3, "a"]],
            ("a", "b", "c", "target"),
            "The validation data has the column 'c', unlike the training data",
        ),
        ([[1, 2, ""]], NAMES, "No row of the validation data has a value of the target"),
    ],
)
def test_validation_data_that_does_not_fit_is_refused(
    tmp_path: Path, rows: list[list[object]], header: tuple[str, ...], message: str
) -> None:
    training = write(tmp_path / "training", NUMBERS, NAMES)
    with pytest.raises(UserError, match=message):
        analyze(Definition("target"), training, write(tmp_path / "validation", rows, header))


def test_validation_data_has_categories_that_are_new(tmp_path: Path) -> None:
    rows = people(30)
    for row in rows:
        row[2] = "Lima"
    dataset = analyze(
        Definition("target"), write(tmp_path / "t", people()), write(tmp_path / "v", rows, HEADER)
    ).dataset
    assert dataset.validation is not None
    assert set(dataset.validation.features["city"]) == {"Lima"}
