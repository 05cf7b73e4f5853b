"""Definitions: what of them is refused when a pipeline is created, each by name, and what their expressions come to."""

import json
from typing import Any

import pytest
from sagecraft_emulator.errors import ApiError, JobFailed
from sagecraft_emulator.pipelines.definition import checks, condition
from sagecraft_emulator.pipelines.definition.document import Definition
from sagecraft_emulator.pipelines.definition.duration import seconds_of
from sagecraft_emulator.pipelines.definition.expression import evaluate
from sagecraft_emulator.pipelines.definition.reference import PathError, Reference, parse_path, value_at

from .pipeline import condition as condition_step
from .pipeline import definition, equal, fail, get, processing

OUTPUT: dict[str, Any] = {
    "OutputName": "report",
    "S3Output": {"S3Uri": "s3://bucket/report", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"},
}
FILE = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}
LAMBDA = {
    "Name": "function",
    "Type": "Lambda",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
    "Arguments": {},
    "OutputParameters": [{"OutputName": "rows", "OutputType": "Integer"}],
}


def uses(path: str, **members: Any) -> dict[str, Any]:
    """A step that uses something."""
    return processing("uses", arguments={"Environment": {"VALUE": get(path)}}, **members)


def in_file(file: str) -> dict[str, Any]:
    value = {"Std:JsonGet": {"PropertyFile": get(f"Steps.first.PropertyFiles.{file}"), "Path": "rmse"}}
    return condition_step("check", equal(value, 1.0), [], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "It is not JSON: "),
        ("[]", "Expecting start of Json Object."),
        (json.dumps({"Version": "2019", "Steps": []}), "'Version' must be '2020-12-01', got '2019'."),
        (definition(), "A pipeline needs a step or more, got none."),
        (json.dumps({"Version": "2020-12-01", "Steps": {}}), "Expecting start of Json Array. 'Steps' must be a list."),
        (f'"{"x" * (1 << 20)}"', "It has 1,048,578 bytes, and may have 1,048,576 at most."),
        (definition(processing("a"), processing("a")), "The names of steps must be unique, got 'a' 2 times."),
        (
            definition(processing("a"), condition_step("c", equal(1, 1), [processing("a")], [])),
            "The names of steps must be unique, got 'a' 2 times.",
        ),
        (definition(processing("a b")), "The name of a step must match .*, got 'a b'."),
        (definition({"Name": "a", "Type": "Procesing"}), "got 'Procesing'. Did you mean 'Processing'?"),
        (definition(processing("a", DependsOn=["a"])), "The step 'a' depends on itself."),
        (
            definition(processing("a", DependsOn=["b"]), processing("b", DependsOn=["a"])),
            "Steps depend on each other in a circle: a -> b -> a.",
        ),
        (definition(processing("a", DependsOn=["bb"])), "The step 'a' depends on 'bb', and there is no such step."),
        (
            definition(uses("Steps.frist.ProcessingJobArn"), processing("first")),
            "no step 'frist'. Did you mean 'first'?",
        ),
        (
            definition(processing("first"), uses("Steps.first.ProcesingJobArn")),
            "there is no property 'ProcesingJobArn' there. Did you mean 'ProcessingJobArn'?",
        ),
        (
            definition(processing("first"), uses("Steps.first.ProcessingJobArn.Name")),
            "there is nothing below a property of type string.",
        ),
        (definition(uses("Parameters.Rows")), "there is no parameter 'Rows'."),
        (
            definition(uses("Execution.PipelineNam")),
            "no variable of an execution 'PipelineNam'. Did you mean 'PipelineName'",
        ),
        (definition(uses("Rows")), "'Rows' must begin with one of Steps, Parameters, Execution and a name behind it."),
        (definition(processing("first"), in_file("Report")), "no property file of that name. It has: none."),
        (
            definition(LAMBDA, uses("Steps.function.OutputParameters['row']")),
            "does not put that out. It puts out: rows.",
        ),
        (
            definition(fail("wrong", "x"), uses("Steps.wrong.ErrorMessage")),
            "the step 'wrong' fails, and has no properties.",
        ),
        # https://github.com/aws/sagemaker-python-sdk/issues/4994, /issues/2345 and /pull/3472 have these words.
        (definition(processing("a", arguments={"Enviroment": {}})), "Unknown Argument member 'Enviroment'."),
        (
            definition(processing("a", arguments={"ProcessingInputs": get("Parameters.Rows")})),
            "Expecting start of Json Array.",
        ),
        (definition(processing("a", arguments={"NetworkConfig": "none"})), "Expecting start of Json Object."),
        (
            definition({"Name": "r", "Type": "RegisterModel", "Arguments": {"ModelPackageName": "x"}}),
            "Unknown Argument member 'ModelPackageName'.",
        ),
        (
            definition(
                processing(
                    "a",
                    arguments={
                        "ProcessingOutputConfig": {
                            "Outputs": [{**OUTPUT, "S3Output": {**OUTPUT["S3Output"], "S3UploadMode": "Never"}}]
                        }
                    },
                )
            ),
            "Model Validation failed: Value 'Never' for 'ProcessingS3UploadMode' failed to satisfy enum value set",
        ),
        (definition({"Name": "l", "Type": "Lambda"}), "A Lambda step needs 'FunctionArn'."),
        (definition({"Name": "c", "Type": "Callback"}), "A Callback step needs 'SqsQueueUrl'."),
        (definition({"Name": "c", "Type": "Condition", "Arguments": {}}), "A Condition step needs 'Conditions'"),
        (
            definition(condition_step("c", {"Type": "Equal"}, [], [])),
            "The type of a condition must be one of Equals, .*, got 'Equal'.",
        ),
        (
            definition(condition_step("c", {"Type": "In", "Values": []}, [], [])),
            "A condition of type 'In' needs 'QueryValue'.",
        ),
        (definition(processing("a", CacheConfig={"Enabled": True, "ExpireAfter": "30 days"})), "got '30 days'."),
        (
            definition(processing("a", RetryPolicies=[{"ExceptionType": ["All"]}])),
            "'ExceptionType' of a retry policy must be of",
        ),
        (
            definition(processing("a"), Parameters=[{"Name": "Rows", "Type": "Int"}]),
            "The type of the parameter 'Rows' must be one of String, Integer, Float, Boolean, got 'Int'.",
        ),
        (
            definition(processing("a"), Parameters=[{"Name": "Rows", "DefaultValue": 3}]),
            "The parameter 'Rows' is of type String, and 3 is not.",
        ),
        (
            definition(processing("a"), Parameters=[{"Name": "Rows", "Type": "Integer", "DefaultValue": "many"}]),
            "The parameter 'Rows' is of type Integer, and 'many' is not.",
        ),
        (
            definition(
                processing("a"), Parameters=[{"Name": "S", "Type": "String", "DefaultValue": "m", "EnumValues": ["s"]}]
            ),
            "The default value 'm' of the parameter 'S' is not one of its EnumValues",
        ),
    ],
)
def test_a_wrong_definition_is_refused_by_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ApiError, match=words) as caught:
        checks.read(text)
    assert caught.value.code == "ValidationException"
    assert caught.value.message.startswith("Unable to parse pipeline definition. ")


def test_a_right_definition_tells_what_each_step_needs() -> None:
    report = processing("first", arguments={"ProcessingOutputConfig": {"Outputs": [OUTPUT]}}, PropertyFiles=[FILE])
    check = in_file("Report")
    check["Arguments"]["IfSteps"] = [processing("inside"), uses("Steps.function.OutputParameters['rows']")]
    found = checks.read(definition(report, LAMBDA, check, processing("last", DependsOn=["check"])))
    assert {name: set(step.needs) for name, step in found.steps.items()} == {
        "first": set(),
        "function": set(),
        "check": {"first"},
        "inside": {"check"},
        "uses": {"check", "function"},
        "last": {"check"},
    }


class Values:
    """A scope of a few values."""

    def value(self, reference: Reference) -> Any:
        return value_at(
            {"Rows": 3, "Rate": 0.5, "Fast": True, "Of": [{"OutputName": "a", "Uri": "s3://a"}]}[reference.name],
            reference.path,
        )

    def file(self, reference: Reference) -> str:
        return f"s3://bucket/{reference.path[1]}"

    def content(self, uri: str) -> Any:
        return {
            "s3://bucket/Report": {"metrics": [{"mse": {"value": 4.5}}], "a key": "x", "nothing": None},
            "s3://b/3.json": [1],
        }[uri]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Get": "Parameters.Rows"}, 3),
        ({"a": [{"Get": "Parameters.Rate"}, "b"]}, {"a": [0.5, "b"]}),
        ({"Get": "Parameters.Of['a'].Uri"}, "s3://a"),
        ({"Get": "Parameters.Of[0].OutputName"}, "a"),
        (
            {"Std:Join": {"On": "/", "Values": ["s3:/", "b", {"Get": "Parameters.Rows"}, {"Get": "Parameters.Fast"}]}},
            "s3://b/3/true",
        ),
        (
            {
                "Std:JsonGet": {
                    "PropertyFile": {"Get": "Steps.first.PropertyFiles.Report"},
                    "Path": "metrics[0].mse.value",
                }
            },
            4.5,
        ),
        ({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.first.PropertyFiles.Report"}, "Path": "$['a key']"}}, "x"),
        (
            {
                "Std:JsonGet": {
                    "S3Uri": {"Std:Join": {"On": "", "Values": ["s3://b/", {"Get": "Parameters.Rows"}, ".json"]}},
                    "Path": "[0]",
                }
            },
            1,
        ),
    ],
)
def test_expressions_come_to_their_values(value: Any, expected: Any) -> None:
    assert evaluate(value, Values()) == expected


def test_a_path_that_leads_to_nothing_says_where_it_ends() -> None:

    def report(path: str) -> dict[str, Any]:
        return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.first.PropertyFiles.Report"}, "Path": path}}

    with pytest.raises(
        JobFailed,
        match=r"Std:JsonGet of 'metrics\[0\].mae' in s3://bucket/Report: there is no 'mae'; metrics\[0\] has: mse.",
    ):
        evaluate(report("metrics[0].mae"), Values())
    with pytest.raises(JobFailed, match=r"Std:JsonGet of 'nothing' in s3://bucket/Report: its value is null\.$"):
        evaluate(report("nothing"), Values())
    with pytest.raises(JobFailed, match=r"in s3://bucket/Report: there is no 'a'; nothing is null\.$"):
        evaluate(report("nothing.a"), Values())
    with pytest.raises(PathError, match=r"'a..b' is not a path"):
        parse_path("a..b")


@pytest.mark.parametrize(
    ("kind", "left", "right", "holds"),
    [
        ("Equals", 1, 1.0, True),
        ("GreaterThan", 2, 1, True),
        ("GreaterThanOrEqualTo", 1, 1, True),
        ("LessThan", "a", "b", True),
        ("LessThanOrEqualTo", 2, 1, False),
    ],
)
def test_comparisons_hold_or_do_not(kind: str, left: Any, right: Any, holds: bool) -> None:
    assert condition.all_hold([{"Type": kind, "LeftValue": left, "RightValue": right}], lambda value: value) is holds


def test_conditions_of_conditions() -> None:
    def hold(*conditions: dict[str, Any]) -> bool:
        return condition.all_hold(conditions, lambda value: value)

    yes, no = equal("a", "a"), equal("a", "b")
    assert hold({"Type": "Or", "Conditions": [no, yes]})
    assert not hold({"Type": "Or", "Conditions": [no, no]})
    assert hold({"Type": "Not", "Condition": no})  # as both SDKs write it
    assert not hold({"Type": "Not", "Expression": yes})
    assert hold({"Type": "In", "QueryValue": 2, "Values": [1, 2.0]})
    assert not hold({"Type": "In", "QueryValue": "2", "Values": [1, 2]})
    assert not hold(yes, no)


def test_values_of_different_types_are_not_compared() -> None:
    with pytest.raises(JobFailed, match=r"'Equals' compares values of one type, got 1 \(number\) and '1' \(String\)."):
        condition.all_hold([equal(1, "1")], lambda value: value)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("P30D", 2_592_000),
        ("p30d", 2_592_000),
        ("PT1H30M", 5400),
        ("T12H", 43_200),
        ("P1Y2M", 36_720_000),
        ("PT5M", 300),
        ("5 days", None),
        ("P1W", 604_800),
        ("30d", 2_592_000),
        ("P", None),
    ],
)
def test_durations(duration: str, seconds: int | None) -> None:
    assert seconds_of(duration) == seconds


def test_a_definition_of_the_sdks_is_read() -> None:
    """As the SageMaker SDK's `Pipeline.definition()` has them: with what this emulator has no use of."""
    text = definition(
        processing("first", DisplayName="First", Description="reads"), processing("b"), PipelineExperimentConfig=None
    )
    assert list(Definition.of(text).steps) == ["first", "b"]
    assert checks.read(text).steps["first"].members["DisplayName"] == "First"
