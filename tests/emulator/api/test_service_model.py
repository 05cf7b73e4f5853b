"""What SageMaker refuses before any behaviour, with AWS's own words."""

import warnings

import pytest
from sagecraft_emulator.api import shapes
from sagecraft_emulator.api.service_model import operation_model, parse_request, service_model, shape_response
from sagecraft_emulator.api.shapes import _pattern
from sagecraft_emulator.errors import ApiError


def refusal(operation: str, request: dict[str, object]) -> ApiError:
    with pytest.raises(ApiError) as raised:
        parse_request(operation_model(operation), request)
    return raised.value


def test_every_pattern_of_the_model_compiles() -> None:
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    patterns = {shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled = [_pattern(pattern) for pattern in patterns]
    assert len(compiled) > 200


def test_a_value_by_which_a_pattern_of_the_model_backtracks_without_end_is_refused() -> None:
    shape = service_model().shape_for("RepositoryUrl")
    [problem] = shapes.problems(shape, f"https://{'a' * 60}!", "url")
    assert "at 'url' failed to satisfy constraint: Member must satisfy regular expression pattern" in problem


def test_all_problems_of_a_request_are_told_at_once() -> None:
    error = refusal("DescribeTrainingJob", {"TrainingJobName": "not a name"})
    assert error.code == "ValidationException"
    assert error.message == (
        "1 validation error detected: Value 'not a name' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )
    error = refusal("AddTags", {"ResourceArn": "nothing", "Tags": [{"Key": "k"}]})
    assert error.message.startswith("2 validation errors detected: Value 'nothing' at 'resourceArn' failed")
    assert "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null" in error.message


def test_a_misspelt_instance_type_is_told_the_allowed_ones() -> None:
    error = refusal(
        "CreateNotebookInstance",
        {"NotebookInstanceName": "n", "InstanceType": "ml.t3.medum", "RoleArn": "arn:aws:iam::000000000000:role/r"},
    )
    assert "Value 'ml.t3.medum' at 'instanceType'" in error.message
    assert "Member must satisfy enum value set: [" in error.message


def test_numbers_have_ranges() -> None:
    error = refusal("ListModels", {"MaxResults": 0})
    assert error.message.endswith(
        "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"
    )


def test_a_wrong_type_is_a_serialization_error() -> None:
    error = refusal("DescribeModel", {"ModelName": 3})
    assert error.code == "SerializationException"
    assert error.message == "'modelName' must be a string, got int: 3"


def test_an_operation_that_sagemaker_does_not_have_is_named() -> None:
    with pytest.raises(ApiError, match="SageMaker has no operation 'CreateTrainingJobs'"):
        operation_model("CreateTrainingJobs")


def test_unknown_members_of_a_request_are_dropped_and_timestamps_read() -> None:
    parsed = parse_request(
        operation_model("ListModels"), {"CreationTimeAfter": "2026-01-01T00:00:00+00:00", "Unknown": 1}
    )
    assert parsed == {"CreationTimeAfter": 1767225600.0}


def test_an_answer_holds_only_what_the_model_has() -> None:
    shaped = shape_response(operation_model("DescribeModel"), {"ModelName": "m", "_private": 1, "VpcConfig": None})
    assert shaped == {"ModelName": "m"}
