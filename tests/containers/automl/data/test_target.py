"""The problem that a target stands for, as AutoGluon infers it, which AWS runs in ENSEMBLING mode.

Source: `infer_problem_type` of `core/src/autogluon/core/utils/utils.py` in autogluon/autogluon.
"""

import pandas as pd
import pytest
from sagecraft_containers.automl.data.target import find_target
from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.errors import UserError


def series(*values: str) -> "pd.Series[str]":
    return pd.Series(values, dtype=object)


@pytest.mark.parametrize(
    ("values", "problem", "classes"),
    [
        (["0", "1"] * 10, ProblemType.BINARY, ("0", "1")),
        (["10", "9"] * 10, ProblemType.BINARY, ("9", "10")),
        (["b", "a"] * 10, ProblemType.BINARY, ("a", "b")),
        (["b", "a", "c"] * 10, ProblemType.MULTICLASS, ("a", "b", "c")),
        (["1", "2", "3"] * 20, ProblemType.MULTICLASS, ("1", "2", "3")),
        (["1.5", "2", "3"] * 20, ProblemType.REGRESSION, ()),
        ([str(number) for number in range(40)], ProblemType.REGRESSION, ()),
    ],
)
def test_values_tell_the_problem(values: list[str], problem: ProblemType, classes: tuple[str, ...]) -> None:
    target = find_target("y", series(*values), None)
    assert (target.problem, target.classes) == (problem, classes)


def test_the_problem_that_is_asked_for_goes_first() -> None:
    assert find_target("y", series(*["0", "1"] * 10), "Regression").problem is ProblemType.REGRESSION
    assert find_target("y", series(*["0", "1"] * 10), "MulticlassClassification").classes == ("0", "1")


@pytest.mark.parametrize(
    ("values", "problem", "message"),
    [
        (["a"] * 20, None, "has the one value 'a' in all rows, so that there is nothing to learn"),
        ([f"u{number}" for number in range(20)], None, "Each of the 20 rows has a value of its own in the target 'y'"),
        (
            ["a", "b"] * 10 + ["c"],
            None,
            r"The class 'c' of the target 'y' has one row, and there are 1 such class\(es\)",
        ),
        (["a", "b", "c"] * 5, "BinaryClassification", "has 3 values, but a BinaryClassification problem has two"),
        (["a", "1"] * 5, "Regression", "has 'a', which is no finite number, in 5 of 10 rows"),
        (["1", "2"] * 5, "Ranking", "There is no problem type 'Ranking'; use one of BinaryClassification"),
    ],
)
def test_what_cannot_be_predicted_is_refused(values: list[str], problem: str | None, message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_target("y", series(*values), problem)
