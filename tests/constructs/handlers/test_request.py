from typing import Any

import botocore.session
import pytest
from aws_cdk import Duration
from botocore.model import StructureShape
from sagecraft_constructs.handlers.name import job_name, metric_attribute
from sagecraft_constructs.handlers.request import typed_request

from tests.constructs.stack import make_job, make_stack, resources


def typed(request: dict[str, Any], operation: str = "CreateTrainingJob") -> dict[str, Any]:
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model(operation)
    assert isinstance(model.input_shape, StructureShape)
    return typed_request(request, model.input_shape)


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
    assert typed(handed_over) == properties["Request"]


def test_a_hyperparameter_may_be_called_like_a_member() -> None:
    request = {"HyperParameters": {"InstanceCount": "3"}, "Environment": {"EnableNetworkIsolation": "true"}}
    assert typed(request) == request


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ResourceConfig": {"InstanceCount": "two"}}, "InstanceCount: 'two' is not a whole number."),
        ({"EnableNetworkIsolation": "yes"}, "EnableNetworkIsolation: 'yes' is neither 'true' nor 'false'."),
    ],
)
def test_what_is_no_number_or_boolean_is_named(request_: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        typed(request_)


def test_the_name_follows_the_definition_and_not_the_tags_or_the_order() -> None:
    request = {"RoleArn": "a", "HyperParameters": {"x": "1", "y": "2"}}
    name = job_name("titanic", request)
    assert job_name("titanic", {"HyperParameters": {"y": "2", "x": "1"}, "RoleArn": "a"}) == name
    assert job_name("titanic", {**request, "Tags": [{"Key": "a", "Value": "b"}]}) == name
    assert job_name("titanic", {**request, "RoleArn": "b"}) != name
    assert job_name("titanic", request, attempt=3) == f"{name}-3"
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
