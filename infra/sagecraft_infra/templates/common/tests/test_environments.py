"""What differs between the environments."""

import pytest
from aws_cdk.assertions import Template

from .conftest import MakeStack


@pytest.mark.parametrize(("environment", "policy"), [("dev", "Delete"), ("prod", "Retain")])
def test_the_data_stays_in_production_alone(make_stack: MakeStack, environment: str, policy: str) -> None:
    Template.from_stack(make_stack(environment)).all_resources("AWS::S3::Bucket", {"DeletionPolicy": policy})
