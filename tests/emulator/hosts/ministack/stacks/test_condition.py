"""Conditions that are made of values, as the CDK's own bootstrap template has them."""

import json
from typing import Any

import pytest

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator

LIST = {"Ref": "Trusted"}
CASES: dict[str, tuple[Any, bool]] = {
    "Joined": ({"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", LIST]}]}]}, False),
    "OfTheRegion": ({"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]}, True),
    "OfTheAccount": ({"Fn::Equals": [{"Fn::Sub": "${AWS::AccountId}-x"}, f"{ACCOUNT}-x"]}, True),
    "Mapped": ({"Fn::Equals": [{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "size"]}, "large"]}, True),
    "Selected": ({"Fn::Equals": [{"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "a"]}, False),
    "Both": ({"Fn::And": [{"Condition": "OfTheRegion"}, {"Condition": "Mapped"}]}, True),
}


@pytest.fixture(scope="module")
def made(emulator: RunningEmulator) -> set[str]:
    cloudformation = emulator.client("cloudformation")
    template = {
        "Parameters": {"Trusted": {"Type": "CommaDelimitedList", "Default": ""}},
        "Mappings": {"Sizes": {REGION: {"size": "large"}}},
        "Conditions": {name: condition for name, (condition, _) in CASES.items()},
        "Resources": {
            "Always": {"Type": "AWS::SNS::Topic"},
            **{name: {"Type": "AWS::SNS::Topic", "Condition": name} for name in CASES},
        },
    }
    cloudformation.create_stack(StackName="conditions", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="conditions", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    resources = cloudformation.describe_stack_resources(StackName="conditions")["StackResources"]
    return {each["LogicalResourceId"] for each in resources}


@pytest.mark.parametrize("name", CASES)
def test_a_condition_is_what_its_values_are(made: set[str], name: str) -> None:
    assert (name in made) is CASES[name][1]
