"""Asks models of AWS's algorithms every row of their table, as their containers do."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.algorithm.serving import ModelPredictor
from sagecraft_containers.serving.predictor import Prediction, RequestError

from tests.containers.records import dense, label_maps

from .algorithms import ANSWERED, CSV, LINES, READ, RECORDS, REFUSED, Asked


@pytest.mark.parametrize("row", [*READ, *ANSWERED], ids=str)
def test_aws_algorithms_answer(row: Asked) -> None:
    answer = _ask(row)
    asked = (row.accept or "").partition(";")[0]
    assert answer.content_type == (asked if asked and asked != "*/*" else "application/json")
    if asked == CSV:
        assert answer.body.decode() == row.answer
        return
    readers = {RECORDS: label_maps, LINES: lambda body: [json.loads(line) for line in body.splitlines()]}
    _assert_same(readers.get(asked, json.loads)(answer.body), row.answer)


@pytest.mark.parametrize("row", REFUSED, ids=str)
def test_aws_algorithms_refuse(row: Asked) -> None:
    with pytest.raises(RequestError) as refused:
        _ask(row)
    assert (refused.value.status, str(refused.value)[: len(row.answer)]) == (row.status, row.answer)


def _ask(row: Asked) -> Prediction:
    body = dense(np.array(row.body, np.float32), None) if row.content_type == RECORDS else row.body.encode()
    return _predictor(row.model).predict(body, row.content_type, row.accept)


def _assert_same(answered: Any, expected: Any) -> None:
    """The same, but for what a number loses in 32 bits."""
    match expected:
        case dict():
            assert answered.keys() == expected.keys()
            for name, value in expected.items():
                _assert_same(answered[name], value)
        case list():
            assert len(answered) == len(expected)
            for one, other in zip(answered, expected, strict=True):
                _assert_same(one, other)
        case _:
            assert answered == pytest.approx(expected, abs=1e-6)


@cache
def _predictor(name: str) -> ModelPredictor:  # noqa: C901 - one case a model
    """A model that answers what the developer guide shows, and how its container serves it."""
    from sagecraft_containers.factorization_machines.model import FactorizationMachine
    from sagecraft_containers.kmeans.model import Centers
    from sagecraft_containers.knn.model import Neighbors
    from sagecraft_containers.lda.model import Topics
    from sagecraft_containers.linear_learner.model import Decision, LinearModel
    from sagecraft_containers.pca.model import Projection
    from sagecraft_containers.randomcutforest.model import Forest

    def linear(decision: Decision, *bias: float) -> ModelPredictor:
        weights = np.zeros((4, len(bias)), np.float32)
        return ModelPredictor(LinearModel(weights, np.array(bias, np.float32), np.zeros(4, np.float32), decision))

    def zeros(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    match name:
        case "binary":
            return linear(Decision("binary_classifier"), np.log(0.4 / 0.6))
        case "classes":
            return linear(Decision("multiclass_classifier"), *np.log([0.1, 0.2, 0.4, 0.3]))
        case "regression":
            return linear(Decision("regressor"), 0.4)
        case "kmeans":
            return ModelPredictor(Centers(np.array([[9, 9], [0, 0]], np.float32)), csv=True)
        case "pca":
            return ModelPredictor(Projection(zeros(3), np.eye(3, 2, dtype=np.float32), zeros(2)), key="projections")
        case "knn":
            rows, labels = np.array([[1], [2], [3]], np.float32), np.array([0, 1, 0], np.float32)
            return ModelPredictor(Neighbors(rows, labels, None, 3, "classifier", "L2"))
        case "randomcutforest":
            from krcf import RandomCutForest

            forest: Any = {"dimensions": 2, "shingle_size": 1, "num_trees": 2, "sample_size": 4, "output_after": 9}
            return ModelPredictor(Forest(RandomCutForest(forest)), key="scores")
        case "factorization-machines":
            bias = np.array([np.log(0.4 / 0.6)], np.float32)
            model = FactorizationMachine(bias, zeros(2, 1), zeros(2, 1), classifies=True)
            return ModelPredictor(model, reads_csv=False)
        case "lda":
            from sklearn.decomposition import LatentDirichletAllocation

            allocation = LatentDirichletAllocation(2, random_state=0).fit(np.array([[1, 1]]))
            allocation.components_ = np.ones((2, 2))
            allocation.exp_dirichlet_component_ = np.ones((2, 2))
            return ModelPredictor(Topics(allocation))
        case _:
            raise AssertionError(name)
