"""What a property can be is read as far as it is known before AWS resolves it."""

from decimal import Decimal
from typing import Any

import pytest
from sagecraft_catalog.charge.span import NOTHING, ONE, Span
from sagecraft_catalog.charge.value import OPEN, Scope, Value

TEMPLATE = {
    "Parameters": {
        "Type": {"Type": "String", "Default": "ml.m5.large"},
        "Size": {"Type": "String", "AllowedValues": ["ml.m5.large", "ml.m5.xlarge"]},
        "Free": {"Type": "String"},
        "Count": {"Type": "Number", "Default": 3},
        "Kept": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/kept"},
    },
    "Mappings": {"Sizes": {"us-east-1": {"type": "ml.c5.large"}}},
}
OTHER = Scope({"Parameters": {"Theirs": {"Type": "String", "Default": "ml.t3.medium"}}}, "us-east-1")
SCOPE = Scope(TEMPLATE, "us-east-1", {"Given": "ml.p3.2xlarge"}, {"exported": (OTHER, {"Ref": "Theirs"})})
REF_FREE = {"Ref": "Free"}


@pytest.mark.parametrize(
    ("raw", "texts", "is_open"),
    [
        ("ml.m5.large", ["ml.m5.large"], False),
        ({"Ref": "Type"}, ["ml.m5.large"], False),
        ({"Ref": "Size"}, ["ml.m5.large", "ml.m5.xlarge"], False),
        ({"Ref": "Given"}, ["ml.p3.2xlarge"], False),
        ({"Ref": "AWS::Region"}, ["us-east-1"], False),
        ({"Ref": "AWS::NoValue"}, [], False),
        (REF_FREE, [], True),
        ({"Ref": "Kept"}, [], True),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, [], True),
        ({"Fn::If": ["Large", "ml.m5.xlarge", {"Ref": "Type"}]}, ["ml.m5.xlarge", "ml.m5.large"], False),
        ({"Fn::If": ["Large", "ml.m5.xlarge", REF_FREE]}, ["ml.m5.xlarge"], True),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "type"]}, ["ml.c5.large"], False),
        ({"Fn::FindInMap": ["Sizes", REF_FREE, "type"]}, [], True),
        ({"Fn::ImportValue": "exported"}, ["ml.t3.medium"], False),
        ({"Fn::ImportValue": "another app's"}, [], True),
        (
            {"Fn::Join": [".", ["ml", "m5", {"Fn::If": ["Large", "xlarge", "large"]}]]},
            ["ml.m5.xlarge", "ml.m5.large"],
            False,
        ),
        ({"Fn::Join": ["", ["ml.", REF_FREE]]}, [], False),
        ({"Fn::Sub": "ml.m5.large"}, ["ml.m5.large"], False),
        ({"Fn::Select": [0, ["a"]]}, [], True),
    ],
)
def test_texts(raw: Any, texts: list[str], is_open: bool) -> None:
    value = Value.of(SCOPE, raw)
    assert (list(value.texts()), value.is_open) == (texts, is_open)


@pytest.mark.parametrize(
    ("raw", "span"),
    [
        (2, Span.of(2)),
        ("2", Span.of(2)),
        ({"Ref": "Count"}, Span.of(3)),
        (None, ONE),
        ({"Ref": "AWS::NoValue"}, ONE),
        ({"Fn::If": ["Large", 4, {"Ref": "AWS::NoValue"}]}, Span(Decimal(1), Decimal(4))),
        (REF_FREE, Span(Decimal(0), None)),
        ({"Fn::If": ["Large", 4, REF_FREE]}, Span(Decimal(0), None)),
        ("many", Span(Decimal(0), None)),
        (True, Span(Decimal(0), None)),
        (-1, Span(Decimal(0), None)),
    ],
)
def test_numbers(raw: Any, span: Span) -> None:
    assert Value.of(SCOPE, raw).span(ONE) == span


def test_members_of_what_either_side_of_a_condition_holds() -> None:
    value = Value.of(SCOPE, {"A": {"Fn::If": ["Large", {"B": 1}, {"B": 5}]}})
    assert value.get("A", "B").span(NOTHING) == Span(Decimal(1), Decimal(5))
    assert value.get("A", "C").is_missing
    assert not Value.of(SCOPE, REF_FREE).get("B").is_missing


def test_json_around_references_is_read_with_them() -> None:
    text = {
        "Fn::Join": [
            "",
            ['{"kind":"TrainingJob","role":"', {"Fn::GetAtt": ["R", "Arn"]}, '","n":', {"Ref": "Count"}, "}"],
        ]
    }
    held = Value.of(SCOPE, text).from_json()
    assert held.get("kind").texts() == ("TrainingJob",)
    assert held.get("role").text() == OPEN
    assert held.get("n").span(ONE) == Span.of(3)
    assert Value.of(SCOPE, "no JSON").from_json().is_missing


def test_parameters_that_refer_to_each_other_come_to_an_end() -> None:
    scope = Scope({}, "us-east-1", {"A": {"Ref": "A"}})
    assert Value.of(scope, {"Ref": "A"}).is_open


def test_spans() -> None:
    some, more, open_ended = Span.of(2), Span(Decimal(1), Decimal(3)), Span(Decimal(1), None)
    assert some + more == Span(Decimal(3), Decimal(5))
    assert some * more == Span(Decimal(2), Decimal(6))
    assert (some + open_ended).high is None
    assert some * open_ended == Span(Decimal(2), None)
    # Nothing of something is nothing, however much there may be of it.
    assert NOTHING * open_ended == NOTHING
    assert open_ended.least(some) == Span(Decimal(1), Decimal(2))
    assert Span.over([some, open_ended]) == open_ended
