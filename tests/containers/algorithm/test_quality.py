"""The metrics of a finished model, against scikit-learn's."""

import numpy as np
import pytest
from sagecraft_containers.algorithm.quality import binary_qualities, factorization_qualities
from sklearn import metrics


def test_those_of_factorization_machines_are_scikit_learns_over_all_batches() -> None:
    random = np.random.default_rng(2)
    labels = random.integers(0, 2, 90).astype(np.float32)
    scores = np.clip(labels * 0.3 + random.uniform(size=90) * 0.7, 0, 1).astype(np.float32)
    batches = [(scores[begin : begin + 40], labels[begin : begin + 40]) for begin in (0, 40, 80)]
    told = {each.name: each.value for each in factorization_qualities(batches, 0.5)}
    assert told == pytest.approx(
        {
            "binary_classification_accuracy": metrics.accuracy_score(labels, scores >= 0.5),
            "binary_classification_cross_entropy": metrics.log_loss(labels, scores),
            "binary_f_1.000": metrics.f1_score(labels, scores >= 0.5),
        }
    )


def test_those_of_a_binary_classifier_are_scikit_learns_with_scores_that_are_equal() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 2, 90).astype(np.float32)
    scores = np.round(labels * 0.3 + random.uniform(size=90) * 0.7, 1).astype(np.float32)
    batches = [(scores[begin : begin + 40], labels[begin : begin + 40]) for begin in (0, 40, 80)]
    told = {each.name: each.value for each in binary_qualities(batches, 0.5, 0.5)}
    said = scores >= 0.5
    assert told == pytest.approx(
        {
            "binary_classification_accuracy": metrics.accuracy_score(labels, said),
            "binary_f_0.500": metrics.fbeta_score(labels, said, beta=0.5),
            "precision": metrics.precision_score(labels, said),
            "recall": metrics.recall_score(labels, said),
            "roc_auc_score": metrics.roc_auc_score(labels, scores),
        }
    )


@pytest.mark.parametrize("label", [0, 1])
def test_of_one_class_alone_there_is_no_area(label: int) -> None:
    rows = [(np.zeros(3, np.float32), np.full(3, label, np.float32))]
    told = {each.name: each.value for each in binary_qualities(rows, 0.5, 1.0)}
    assert told == {
        "binary_classification_accuracy": 1 - label,
        "binary_f_1.000": 0,
        "precision": 0,
        "recall": 0,
    }


def test_an_f_of_what_is_never_said_is_zero() -> None:
    nothing = [(np.zeros(3, np.float32), np.zeros(3, np.float32))]
    assert {each.name: each.value for each in factorization_qualities(nothing, 0.5)}["binary_f_1.000"] == 0
