"""What the stack declares; nothing is deployed."""

import pytest
from aws_cdk.assertions import Template

from .conftest import MakeStack


@pytest.mark.parametrize(("environment", "instance_type"), [("dev", "ml.t3.medium"), ("prod", "ml.m5.xlarge")])
def test_each_environment_has_a_notebook_instance_of_its_size(
    make_stack: MakeStack, environment: str, instance_type: str
) -> None:
    template = Template.from_stack(make_stack(environment))

    template.resource_count_is("AWS::SageMaker::NotebookInstance", 1)
    template.has_resource_properties("AWS::SageMaker::NotebookInstance", {"InstanceType": instance_type})
