"""What the stack declares; nothing is deployed."""

import pytest
from aws_cdk.assertions import Match, Template

from .conftest import MakeStack


@pytest.mark.parametrize(
    ("environment", "people", "instance_type"), [("dev", 2, "ml.t3.medium"), ("prod", 3, "ml.m5.xlarge")]
)
def test_each_environment_has_its_people_and_their_size(
    make_stack: MakeStack, environment: str, people: int, instance_type: str
) -> None:
    template = Template.from_stack(make_stack(environment))

    template.resource_count_is("AWS::SageMaker::UserProfile", people)
    lab = {"JupyterLabAppSettings": Match.object_like({"DefaultResourceSpec": {"InstanceType": instance_type}})}
    template.has_resource_properties("AWS::SageMaker::Domain", {"DefaultUserSettings": Match.object_like(lab)})
