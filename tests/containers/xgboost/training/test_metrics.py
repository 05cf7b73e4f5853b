from typing import Any

import numpy as np
import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.training.metrics import CUSTOM_METRICS, PRECISION, evaluation, is_maximized

NAMES = sorted(CUSTOM_METRICS)


class Labels:
    """What the metrics use of a DMatrix."""

    def __init__(self, labels: np.ndarray) -> None:
        self._labels = labels

    def get_label(self) -> np.ndarray:
        return self._labels


def of_classes(labels: np.ndarray, classes: np.ndarray) -> dict[str, float]:
    """scikit-learn's values; for more than two classes only the metrics that are defined there."""
    from sklearn import metrics as reference

    values: dict[str, Any] = {
        "accuracy": reference.accuracy_score(labels, classes),
        "balanced_accuracy": reference.balanced_accuracy_score(labels, classes),
        "f1": reference.f1_score(labels, classes, average="macro", zero_division=0),
        "f1_macro": reference.f1_score(labels, classes, average="macro", zero_division=0),
        "precision_macro": reference.precision_score(labels, classes, average="macro", zero_division=0),
        "precision_micro": reference.precision_score(labels, classes, average="micro"),
        "recall_macro": reference.recall_score(labels, classes, average="macro", zero_division=0),
        "recall_micro": reference.recall_score(labels, classes, average="micro"),
    }
    if labels.max() <= 1:
        values |= {
            "f1_binary": reference.f1_score(labels, classes, zero_division=0),
            "precision": reference.precision_score(labels, classes, zero_division=0),
            "recall": reference.recall_score(labels, classes, zero_division=0),
        }
    return values


def test_two_classes_score_as_in_scikit_learn() -> None:
    from sklearn import metrics as reference

    generator = np.random.default_rng(0)
    labels, predictions = generator.integers(0, 2, 200).astype(np.float32), generator.random(200).astype(np.float32)
    scores = dict(evaluation(NAMES, "binary:logistic")(predictions, Labels(labels)))
    assert {name: scores[name] for name in of_classes(labels, predictions > 0.5)} == pytest.approx(
        of_classes(labels, (predictions > 0.5).astype(np.float32))
    )
    assert scores["mse"] == pytest.approx(reference.mean_squared_error(labels, predictions))
    assert scores["r2"] == pytest.approx(reference.r2_score(labels, predictions))


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")  # meant: a class that is never there
@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_several_classes_score_as_in_scikit_learn(objective: str) -> None:
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 4, 200).astype(np.float32)
    probabilities = generator.random((200, 5)).astype(np.float32)
    classes = probabilities.argmax(axis=1).astype(np.float32)
    predictions = probabilities if objective == "multi:softprob" else classes
    expected = of_classes(labels, classes)
    names = sorted(expected)
    assert dict(evaluation(names, objective)(predictions, Labels(labels))) == pytest.approx(expected)


def test_rankings_are_as_precise_as_the_library_says_of_labels_that_it_takes() -> None:
    generator = np.random.default_rng(2)
    labels, margins = generator.integers(0, 2, 60), generator.random(60).astype(np.float32)
    labels[20:30] = 0
    matrix = xgboost.DMatrix(generator.random((60, 2)), label=labels, qid=np.repeat(range(6), 10), base_margin=margins)
    told = xgboost.train({"objective": "rank:map", "eval_metric": "map"}, matrix, 0).eval(matrix)
    score = dict(evaluation([PRECISION], "rank:map")(margins, matrix))["map"]
    assert score == pytest.approx(float(told.rpartition(":")[2]), abs=1e-6)
    parts: list[Any] = []

    def gather(part: Any) -> list[Any]:
        parts.append(part)
        return parts

    for place in (slice(30), slice(30, 60)):
        half = xgboost.DMatrix(np.zeros((30, 1)), label=labels[place], qid=np.repeat(range(3), 10))
        both = dict(evaluation([PRECISION], "rank:map", gather)(margins[place], half))
    assert both["map"] == pytest.approx(score)


def test_nothing_predicted_scores_zero() -> None:
    names = ["f1_binary", "precision", "recall"]
    scores = evaluation(names, "binary:logistic")(np.zeros(3, np.float32), Labels(np.ones(3, np.float32)))
    assert scores == [("f1_binary", 0.0), ("precision", 0.0), ("recall", 0.0)]


def test_raw_margins_are_cut_at_zero() -> None:
    margins = np.array([0.2, -0.2], np.float32)
    assert evaluation(["accuracy"], "binary:logitraw")(margins, Labels(np.array([1, 0]))) == [("accuracy", 1.0)]


def test_every_custom_metric_is_in_the_catalog() -> None:
    assert set(algorithm("xgboost").hyperparameters["eval_metric"].choices) > CUSTOM_METRICS


@pytest.mark.parametrize(
    ("metric", "maximized"),
    [("auc", True), ("ndcg@5", True), ("f1_macro", True), ("r2", True), ("mape", False), ("error@0.7", False)],
)
def test_direction(metric: str, maximized: bool) -> None:
    assert is_maximized(metric) is maximized
