"""What `SAGEMAKER_INFERENCE_OUTPUT` selects of a prediction.

The expected answers follow `test/unit/algorithm_mode/test_serve_utils.py` of `aws/sagemaker-xgboost-container`.
"""

import json
import math
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.serving.predictor import RequestError
from sagecraft_containers.xgboost.serving.selected import Selection

from tests.containers.records import label_maps

EVERYTHING = "predicted_label,labels,probability,probabilities,raw_score,raw_scores,predicted_score"
NAN = math.nan


@pytest.mark.parametrize(
    ("objective", "classes", "score", "values"),
    [
        ("reg:squarederror", 0, 0.6, [NAN, NAN, NAN, NAN, NAN, NAN, 0.6]),
        ("reg:absoluteerror", 0, 7.0, [NAN, NAN, NAN, NAN, NAN, NAN, 7.0]),
        ("binary:logistic", 0, 0.6, [1, [0, 1], 0.6, [0.4, 0.6], 0.6, [0.4, 0.6], NAN]),
        ("binary:logitraw", 0, -7.6, [0, [0, 1], NAN, NAN, -7.6, [8.6, -7.6], NAN]),
        ("binary:hinge", 0, 1.0, [1.0, [0, 1], NAN, NAN, 1.0, [0.0, 1.0], NAN]),
        ("multi:softmax", 7, 2.0, [2.0, [0, 1, 2, 3, 4, 5, 6], NAN, NAN, 2.0, [-1.0, 2.0], NAN]),
        ("multi:softprob", 3, [0.1, 0.7, 0.2], [1, [0, 1, 2], 0.7, [0.1, 0.7, 0.2], 0.7, [0.1, 0.7, 0.2], NAN]),
    ],
)
def test_each_objective_has_its_values_and_nan_for_the_others(
    objective: str, classes: int, score: Any, values: list[Any]
) -> None:
    selection = Selection(EVERYTHING, objective, classes, batch=False)
    answered = json.loads(selection.answer(np.array([score]), "application/json").body)
    [row] = answered["predictions"]
    for got, expected in zip(row.values(), values, strict=True):
        assert got == pytest.approx(expected, nan_ok=True)


@pytest.fixture
def selection() -> Selection:
    return Selection("predicted_label, Probabilities", "binary:logistic", 0, batch=False)


SCORES = np.array([0.25, 0.75], np.float32)


def test_csv_quotes_lists_and_ends_without_a_line_break(selection: Selection) -> None:
    answered = selection.answer(SCORES, "text/csv")
    assert answered.body.decode() == '0,"[0.75, 0.25]"\n1,"[0.25, 0.75]"'
    assert answered.content_type == "text/csv; charset=utf-8"


def test_batch_transform_gets_the_last_line_break_too() -> None:
    selection = Selection("predicted_label", "binary:logistic", 0, batch=True)
    assert selection.answer(SCORES, "text/csv").body == b"0\n1\n"
    assert json.loads(selection.answer(SCORES, "application/json").body) == {
        "predictions": [{"predicted_label": 0}, {"predicted_label": 1}]
    }


def test_json_lines_are_an_object_a_row(selection: Selection) -> None:
    lines = selection.answer(SCORES, "application/jsonlines").body.decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"predicted_label": 0, "probabilities": [0.75, 0.25]},
        {"predicted_label": 1, "probabilities": [0.25, 0.75]},
    ]


def test_recordio_protobuf_has_a_label_a_value(selection: Selection) -> None:
    records = label_maps(selection.answer(SCORES, "application/x-recordio-protobuf").body)
    assert records[1] == {"probabilities": [0.25, 0.75], "predicted_label": [1.0]}


def test_what_an_objective_lacks_is_told_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    Selection("predicted_score,nonsense", "binary:hinge", 0, batch=False)
    assert "a model of objective 'binary:hinge' has no predicted_score, nonsense" in capsys.readouterr().out


def test_an_objective_that_nothing_is_selected_of_is_refused() -> None:
    with pytest.raises(RequestError, match="Objective 'count:poisson' is not supported") as caught:
        Selection("predicted_score", "count:poisson", 0, batch=False).answer(SCORES, "text/csv")
    assert caught.value.status == 500
