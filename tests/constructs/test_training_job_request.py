from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from aws_cdk import Duration
from botocore.model import ListShape, MapShape, Shape, StructureShape
from sagecraft_constructs.handlers.training_job_name import metric_attribute, training_job_name
from sagecraft_constructs.handlers.training_job_request import BOOLEANS, INTEGERS, typed_request

from .stack import make_job, make_stack, resources


def scalars(shape: Shape | None, name: str = "") -> Iterator[tuple[str, str]]:
    """The names and types of a request's scalar members."""
    match shape:
        case StructureShape():
            for member, inner in shape.members.items():
                yield from scalars(inner, member)
        case ListShape():
            yield from scalars(shape.member, name)
        case MapShape() | None:
            return
        case _:
            yield name, shape.type_name


def test_a_request_is_the_same_after_it_went_through_cloudformation() -> None:
    stack = make_stack()
    make_job(
        stack,
        instance_count=2,
        volume_gib=50,
        max_runtime=Duration.minutes(5),
        max_wait=Duration.minutes(10),
        network_isolation=False,
        checkpoints_prefix="checkpoints",
        environment={"WORKERS": "2"},
        metric_definitions={"loss": "loss=(.*)"},
    )
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    handed_over = _as_cloudformation_hands_it_over(properties["Request"])
    assert handed_over["ResourceConfig"]["InstanceCount"] == "2"
    assert typed_request(handed_over) == properties["Request"]


def test_the_members_that_get_their_type_back_have_it_in_the_service_model() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateTrainingJob")
    kinds = dict(scalars(model.input_shape))
    assert {kinds[name] for name in INTEGERS} == {"integer"}
    assert {kinds[name] for name in BOOLEANS} == {"boolean"}


def test_a_hyperparameter_may_be_called_like_a_member() -> None:
    request = {"HyperParameters": {"InstanceCount": "3"}, "Environment": {"EnableNetworkIsolation": "true"}}
    assert typed_request(request) == request


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"InstanceCount": "two"}, "InstanceCount: 'two' is not a whole number."),
        ({"EnableNetworkIsolation": "yes"}, "EnableNetworkIsolation: 'yes' is neither 'true' nor 'false'."),
    ],
)
def test_what_is_no_number_or_boolean_is_named(request_: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        typed_request(request_)


def test_the_name_follows_the_definition_and_not_the_tags_or_the_order() -> None:
    request = {"RoleArn": "a", "HyperParameters": {"x": "1", "y": "2"}}
    name = training_job_name("titanic", request)
    assert training_job_name("titanic", {"HyperParameters": {"y": "2", "x": "1"}, "RoleArn": "a"}) == name
    assert training_job_name("titanic", {**request, "Tags": [{"Key": "a", "Value": "b"}]}) == name
    assert training_job_name("titanic", {**request, "RoleArn": "b"}) != name
    assert training_job_name("titanic", request, attempt=3) == f"{name}-3"
    assert name.startswith("titanic-")


def test_a_metric_makes_an_attribute_that_cloudformation_allows() -> None:
    assert metric_attribute("validation:auc") == "Metrics.validation_auc"
    assert metric_attribute("train:ndcg@3") == "Metrics.train_ndcg_3"


def _as_cloudformation_hands_it_over(value: Any) -> Any:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case dict():
            return {key: _as_cloudformation_hands_it_over(each) for key, each in value.items()}
        case list():
            return [_as_cloudformation_hands_it_over(each) for each in value]
        case _:
            return value
