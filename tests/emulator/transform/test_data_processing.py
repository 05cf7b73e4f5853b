import pytest
from jsonpath_ng.exceptions import JSONPathError
from sagecraft_emulator.transform.data_processing import DataProcessing, NotOfFormat, parse_path

CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"


@pytest.mark.parametrize(
    ("content_type", "path", "record", "given"),
    [
        (CSV, "$", b"1,2,3", b"1,2,3"),
        (CSV, "$[1:]", b"id,2,3", b"2,3"),
        (CSV, "$[0,2]", b"1,2,3", b"1,3"),
        (CSV, "$[-1]", b"1,2,3", b"3"),
        (CSV, "$[1:]", b'id,"a, b",3', b'"a, b",3'),
        (CSV, "$[0,9]", b"1,2,3", b"1"),
        (CSV, "$[0,1]", b'"a""b",2', b'"a""b",2'),
        (CSV, "$[:2]", b"1,2,3\n4,5,6\n", b"1,2\n4,5"),
        (LINES, "$.x", b'{"x":1}\n{"x":2}\n', b"1\n2"),
        (LINES, "$.*", b'{"x":1,"y":2}', b"[1,2]"),
        (LINES, "$[0]", b"[0,1]", b"0"),
        (LINES, "$.features", b'{"id": 1, "features": [1, 2]}', b"[1,2]"),
        (LINES, "$.a.b[0]", b'{"a": {"b": ["\xc3\xa9"]}}', b'"\xc3\xa9"'),
        (LINES, "$['id','x']", b'{"id": 1, "x": 2, "y": 3}', b'{"id":1,"x":2}'),
        (JSON, "$.instances[*].x", b'{"instances": [{"x": 1}, {"x": 2}]}', b"[1,2]"),
        (JSON, "$[?(@.x > 1)]", b'[{"x": 1}, {"x": 2}]', b'[{"x":2}]'),
    ],
)
def test_the_model_is_given_what_the_input_filter_selects(
    content_type: str, path: str, record: bytes, given: bytes
) -> None:
    assert DataProcessing(content_type, path).given(record) == given


@pytest.mark.parametrize(
    ("content_type", "path", "record", "prediction", "result"),
    [
        (CSV, "$", b"id,1", b"0.5", b"id,1,0.5"),
        (CSV, "$[0,-1]", b"id,1", b"0.5,0.4", b"id,0.4"),
        (CSV, "$[0,-1]", b"a,1\nb,2\n", b"3\n4\n", b"a,3\nb,4"),
        (LINES, "$", b'{"id":1}', b'{"score":0.5}', b'{"id":1,"SageMakerOutput":{"score":0.5}}'),
        (LINES, "$['id','SageMakerOutput']", b'{"id":1,"x":2}', b"0.5", b'{"id":1,"SageMakerOutput":0.5}'),
        (LINES, "$.SageMakerOutput.score", b'{"id":1}', b'{"score":0.5}', b"0.5"),
        (LINES, "$", b"[1,2]", b"0.5", b'{"SageMakerInput":[1,2],"SageMakerOutput":0.5}'),
        (JSON, "$", b'[{"a":1},{"a":2}]', b"[3,4]", b'[{"a":1,"SageMakerOutput":3},{"a":2,"SageMakerOutput":4}]'),
    ],
)
def test_a_prediction_is_joined_to_its_record_and_filtered(
    content_type: str, path: str, record: bytes, prediction: bytes, result: bytes
) -> None:
    assert DataProcessing(content_type, "$", path, joins=True).result(record, prediction) == result


def test_without_a_join_the_output_filter_sees_the_prediction_alone() -> None:
    assert DataProcessing(LINES, "$", "$.score").result(b"anything", b'{"score":0.5,"label":1}') == b"0.5"


@pytest.mark.parametrize(
    ("content_type", "path", "record", "why"),
    [
        (CSV, "$[0]", b'"a"b', "it is not text/csv"),
        (CSV, "$[0]", b"\xff", "it is not text/csv"),
        (LINES, "$.x", b"{", "it is not application/jsonlines"),
        (LINES, "$.x", b'{"y":1}', r"it has nothing at '\$.x'"),
        (CSV, "$[9]", b"1,2", r"it has nothing at '\$\[9\]'"),
    ],
)
def test_a_record_that_is_not_what_it_should_be_is_refused(
    content_type: str, path: str, record: bytes, why: str
) -> None:
    with pytest.raises(NotOfFormat, match=why):
        DataProcessing(content_type, path).given(record)


@pytest.mark.parametrize("path", ["features", "$[", "$.a..", "$" + ".a" * 40])
def test_a_path_that_is_no_jsonpath_is_refused(path: str) -> None:
    with pytest.raises((JSONPathError, ValueError)):
        parse_path(path)


def test_as_many_predictions_as_records_are_needed_for_a_join() -> None:
    with pytest.raises(NotOfFormat, match="it has 1 lines, but its input has 2"):
        DataProcessing(CSV, joins=True).result(b"1\n2\n", b"3\n")
