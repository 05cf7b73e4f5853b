"""The metrics of a finished model, against scikit-learn's."""

import numpy as np
import pytest
from sagecraft_containers.algorithm.quality import factorization_qualities
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


def test_an_f_of_what_is_never_said_is_zero() -> None:
    nothing = [(np.zeros(3, np.float32), np.zeros(3, np.float32))]
    assert {each.name: each.value for each in factorization_qualities(nothing, 0.5)}["binary_f_1.000"] == 0
