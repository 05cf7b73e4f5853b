"""Metrics by problem. Source: "Metrics and validation" of the SageMaker developer guide."""

import numpy as np
import pytest
from sagecraft_containers.automl.problem import METRICS, ProblemType, measure, objective
from sagecraft_containers.errors import UserError


@pytest.mark.parametrize(
    ("problem", "default", "others"),
    [
        (ProblemType.BINARY, "F1", {"Accuracy", "AUC", "BalancedAccuracy", "F1", "LogLoss", "Precision", "Recall"}),
        (
            ProblemType.MULTICLASS,
            "Accuracy",
            {"Accuracy", "BalancedAccuracy", "F1macro", "LogLoss", "PrecisionMacro", "RecallMacro"},
        ),
        (ProblemType.REGRESSION, "MSE", {"MAE", "MSE", "R2", "RMSE"}),
    ],
)
def test_each_problem_has_its_metrics_and_an_objective(problem: ProblemType, default: str, others: set[str]) -> None:
    assert objective(None, problem).name == default
    assert {metric.name for metric in METRICS[problem]} == others


@pytest.mark.parametrize("name", ["MSE", "F1macro", "LogLoss", "Speed"])
def test_an_objective_that_the_problem_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=rf"'{name}' is not one of a BinaryClassification problem; use one of Accuracy"):
        objective(name, ProblemType.BINARY)


def test_binary_metrics_are_of_the_second_class() -> None:
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    measured = measure(ProblemType.BINARY, np.array([0, 1, 1, 0]), answers)
    assert (measured["Accuracy"], measured["Precision"], measured["Recall"]) == (0.5, 0.5, 0.5)
    assert measured["AUC"] == 0.75


def test_weights_count() -> None:
    answers = np.array([[0.9, 0.1], [0.9, 0.1]])
    weighed = measure(ProblemType.BINARY, np.array([0, 1]), answers, np.array([3.0, 1.0]), ["Accuracy"])
    assert weighed == {"Accuracy": 0.75}


def test_regression() -> None:
    measured = measure(ProblemType.REGRESSION, np.array([1.0, 3.0]), np.array([2.0, 5.0]))
    assert (measured["MAE"], measured["MSE"]) == (1.5, 2.5)
    assert measured["RMSE"] == pytest.approx(2.5**0.5)
    assert measured["R2"] == pytest.approx(1 - 5 / 2)
