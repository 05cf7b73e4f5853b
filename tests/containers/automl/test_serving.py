"""What an answer tells of a row."""

import json

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.data.columns import Column, Kind, Schema
from sagecraft_containers.automl.data.target import Target
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import Array, ProblemType
from sagecraft_containers.automl.serving import TablePredictor


class Certain:
    """Is certain by nine tenths that a row is of the first class."""

    def __init__(self, classes: int) -> None:
        self._classes = classes

    def predict_proba(self, features: pd.DataFrame) -> Array:
        others = (1 - 0.9) / (self._classes - 1)
        return np.tile([0.9, *[others] * (self._classes - 1)], (len(features), 1))


@pytest.mark.parametrize(
    ("problem", "classes", "of_search", "probability"),
    [
        # https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html
        (ProblemType.BINARY, ("1", "0"), True, 0.1),
        (ProblemType.BINARY, ("1", "0"), False, 0.9),
        (ProblemType.MULTICLASS, ("a", "b", "c"), True, 0.9),
        (ProblemType.MULTICLASS, ("a", "b", "c"), False, 0.9),
    ],
)
def test_the_probability_of_a_candidate_of_a_search_is_that_of_the_second_class_of_two(
    problem: ProblemType, classes: tuple[str, ...], of_search: bool, probability: float
) -> None:
    schema = Schema((Column("x", Kind.NUMERIC),))
    model = Model(schema, Target("y", problem, classes), Certain(len(classes)), of_search=of_search)
    chosen = {"SAGEMAKER_INFERENCE_OUTPUT": "predicted_label,probability,labels"}
    answer = TablePredictor(model, chosen).predict(b"1\n", "text/csv", "application/json")
    (row,) = json.loads(answer.body)["predictions"]
    assert row == {"predicted_label": classes[0], "probability": pytest.approx(probability), "labels": [*classes]}
