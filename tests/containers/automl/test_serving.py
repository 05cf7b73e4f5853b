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
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.predictor import RequestError


class Certain:
    """Is certain by nine tenths that a row is of the first class."""

    def __init__(self, classes: int) -> None:
        self._classes = classes

    def predict_proba(self, features: pd.DataFrame) -> Array:
        others = (1 - 0.9) / (self._classes - 1)
        return np.tile([0.9, *[others] * (self._classes - 1)], (len(features), 1))


def predictor(**environment: str) -> TablePredictor:
    schema = Schema((Column("x", Kind.NUMERIC),))
    return TablePredictor(Model(schema, Target("y", ProblemType.BINARY, ("a", "b")), Certain(2)), environment)


@pytest.mark.parametrize(
    ("accept", "written"),
    [
        (None, "text/csv"),
        ("*/*", "text/csv"),
        ("application/json, text/plain;q=0.5", "application/json"),
        ("text/csv;q=0.1, application/jsonlines;q=0.9", "application/jsonlines"),
        ("image/png, application/*;q=0.2", "application/json"),
        ("text/plain, */*;q=0.1", "text/csv"),
    ],
)
def test_what_accept_prefers_is_answered(accept: str | None, written: str) -> None:
    # https://www.rfc-editor.org/rfc/rfc9110#name-accept
    assert predictor().predict(b"1\n", "text/csv", accept).content_type.partition(";")[0] == written


def test_what_is_answered_by_default_is_chosen() -> None:
    chosen = predictor(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="application/jsonlines")
    assert chosen.predict(b"1\n", "text/csv", "*/*").content_type == "application/jsonlines"
    with pytest.raises(UserError, match="SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT is 'image/png', but must be one of text"):
        predictor(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="image/png")


def test_what_cannot_be_answered_is_not_acceptable() -> None:
    for accept in ("image/png", "text/csv;q=0", "text/plain, image/*"):
        with pytest.raises(RequestError) as refused:
            predictor().predict(b"1\n", "text/csv", accept)
        assert refused.value.status == 406


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
