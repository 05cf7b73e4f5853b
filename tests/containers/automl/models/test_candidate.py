"""Candidates: of a job's hyperparameters, and the pipelines that they are."""

from importlib.util import find_spec

import numpy as np
import pytest
from sagecraft_containers.automl.models import algorithms
from sagecraft_containers.automl.models.algorithms import ALGORITHMS, chosen, lacking, space_of
from sagecraft_containers.automl.models.candidate import Candidate
from sagecraft_containers.automl.models.space import Range
from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.errors import UserError

BINARY = ProblemType.BINARY


def test_what_is_left_out_is_as_in_the_beginning() -> None:
    candidate = Candidate.parse({"algorithm": "linear-learner", "C": "2"}, BINARY)
    assert candidate.hyperparameters == {"C": 2.0, "class_weight": "none"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "There is no algorithm '' here; use one of xgboost, "),
        ({"algorithm": "nn-torch"}, "There is no algorithm 'nn-torch' here; use one of xgboost, "),
        ({"algorithm": "xgboost", "depth": "3"}, "'xgboost' has no hyperparameter 'depth'; it has n_estimators"),
        ({"algorithm": "xgboost", "max_depth": "3.5"}, "'max_depth' must be a whole number from 2 to 9, got '3.5'"),
        ({"algorithm": "xgboost", "subsample": "2"}, "'subsample' must be a number from 0.5 to 1.0, got '2'"),
        ({"algorithm": "linear-learner", "class_weight": "x"}, "'class_weight' must be one of none, balanced, got 'x'"),
    ],
)
def test_wrong_hyperparameters_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Candidate.parse(given, BINARY)


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("problem", ProblemType)
@pytest.mark.parametrize("rows", [100, 100_000])
def test_the_beginning_is_within_the_ranges(name: str, problem: ProblemType, rows: int) -> None:
    candidate = Candidate.default(ALGORITHMS[name], problem, rows)
    for key, one in space_of(ALGORITHMS[name], problem).items():
        value = candidate.hyperparameters[key]
        assert one.low <= value <= one.high if isinstance(one, Range) else value in one.values
    assert ("class_weight" in candidate.hyperparameters) == (
        problem.is_classification and name not in {"xgboost", "mlp"}
    )


@pytest.fixture
def without_catboost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algorithms, "find_spec", lambda name: None if name == "catboost" else find_spec(name))


@pytest.mark.usefixtures("without_catboost")
def test_an_algorithm_whose_package_is_not_there_is_left_out_and_told_of() -> None:
    assert {*chosen(None), "catboost"} == set(ALGORITHMS)
    assert lacking() == "Not tried: catboost; install sagecraft[automl] for them."


@pytest.mark.usefixtures("without_catboost")
def test_an_algorithm_that_is_chosen_needs_its_package() -> None:
    with pytest.raises(UserError, match=r"'catboost' needs the package catboost, .*; install sagecraft\[automl\]"):
        chosen(["catboost", "xgboost"])


def test_ranges_are_optunas() -> None:
    import optuna

    trial = optuna.trial.FixedTrial({"n": 3, "x": 0.5})
    assert Range(1, 9).suggested(trial, "n") == 3
    assert Range(0.1, 1.0, log=True).suggested(trial, "x") == 0.5
    assert np.isclose(Range(0.1, 1.0).parsed("x", "0.3"), 0.3)
