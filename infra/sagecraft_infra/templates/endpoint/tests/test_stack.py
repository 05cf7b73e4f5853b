"""What the stack declares; nothing is deployed."""

import pytest
from aws_cdk.assertions import Template

from .conftest import MakeStack


@pytest.mark.parametrize(("environment", "instances"), [("dev", 1), ("prod", 2)])
def test_each_environment_has_an_endpoint_of_its_size(make_stack: MakeStack, environment: str, instances: int) -> None:
    template = Template.from_stack(make_stack(environment))

    template.resource_count_is("AWS::SageMaker::Endpoint", 1)
    template.has_resource_properties(
        "AWS::SageMaker::EndpointConfig", {"ProductionVariants": [{"InitialInstanceCount": instances}]}
    )
