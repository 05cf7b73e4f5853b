"""What templates say of Studio."""

from typing import Any

from aws_cdk import Stack

from tests.constructs.template_checks import assert_clean, template_of


def found(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type in a stack whose app is clean, by their logical ids."""
    assert_clean(stack)
    return {name: each for name, each in template_of(stack)["Resources"].items() if each["Type"] == kind}


def properties(stack: Stack, kind: str) -> dict[str, Any]:
    """Those of the one resource of SageMaker's of a kind."""
    (resource,) = found(stack, f"AWS::SageMaker::{kind}").values()
    held: dict[str, Any] = resource["Properties"]
    return held


def statements(stack: Stack, policy: str) -> list[dict[str, Any]]:
    """Those of the policies whose logical ids begin so."""
    return [
        statement
        for name, each in found(stack, "AWS::IAM::Policy").items()
        if name.startswith(policy)
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
    ]
