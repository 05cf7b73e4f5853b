"""Answers of AWS's own algorithms in their media types.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/LL-in-formats.html
"""

import numpy as np
import pytest
from sagecraft_containers.algorithm.answer import accepted, write_answer
from sagecraft_containers.serving.predictor import RequestError

from tests.containers.records import label_maps

BINARY = {"score": np.array([0.5, 0.25], np.float32), "predicted_label": np.array([1, 0])}
CLASSES = {"score": np.array([[0.25, 0.75]], np.float32), "predicted_label": np.array([1])}


def test_json_has_a_list_of_rows() -> None:
    answer = write_answer(BINARY, "predictions", "application/json")
    assert answer.content_type == "application/json"
    assert answer.body == (
        b'{"predictions": [{"score": 0.5, "predicted_label": 1}, {"score": 0.25, "predicted_label": 0}]}'
    )


def test_json_lines_are_a_row_each() -> None:
    assert write_answer(CLASSES, "predictions", "application/jsonlines").body == (
        b'{"score": [0.25, 0.75], "predicted_label": 1}\n'
    )


def test_records_have_a_label_for_each_value() -> None:
    records = label_maps(write_answer(BINARY, "predictions", "application/x-recordio-protobuf").body)
    assert records == [{"score": [0.5], "predicted_label": [1]}, {"score": [0.25], "predicted_label": [0]}]


def test_csv_is_for_algorithms_that_write_it() -> None:
    assert write_answer(CLASSES, "predictions", accepted("text/csv", csv=True).media_type).body == b"0.25,0.75,1\n"
    with pytest.raises(RequestError, match="'text/csv' is not supported") as caught:
        accepted("text/csv")
    assert caught.value.status == 406


@pytest.mark.parametrize("header", [None, "", "*/*", "application/json"])
def test_json_is_what_is_answered_to_whom_takes_anything(header: str | None) -> None:
    assert accepted(header).media_type == "application/json"


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/json, text/plain;q=0.5", "application/json"),
        ("text/html, application/jsonlines;q=0.5, */*;q=0.1", "application/jsonlines"),
        ("application/json;q=0.2, application/x-recordio-protobuf", "application/x-recordio-protobuf"),
        ("text/html, application/*;q=0.8", "application/json"),
        ("text/*, */*;q=0.1", "application/json"),
        ("application/json;q=0, application/jsonlines;q=0.1", "application/jsonlines"),
    ],
)
def test_of_a_list_the_most_wanted_that_is_written_is_answered(header: str, media_type: str) -> None:
    # https://www.rfc-editor.org/rfc/rfc9110#name-accept
    assert accepted(header).media_type == media_type


@pytest.mark.parametrize("header", ["text/plain, text/csv;q=0.5", "application/json;q=0", "application/json;q=x", ","])
def test_a_list_of_nothing_that_is_written_is_refused(header: str) -> None:
    with pytest.raises(RequestError, match="is not supported; use one of application/json, "):
        accepted(header)


def test_what_else_accept_says_is_handed_on() -> None:
    assert accepted("application/jsonlines; verbose=true").parameters == {"verbose": "true"}
