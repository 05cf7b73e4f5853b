"""Stacks as CloudFormation has them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing_stack

BOOTSTRAP_STACK: Final = "CDKToolkit"


@dataclass(frozen=True)
class StackState:
    """A stack as CloudFormation has it."""

    name: str
    region: str
    status: str
    outputs: dict[str, str]


def stack_state(target: Target, name: str, region: str) -> StackState | None:
    """A stack, or `None` if there is none of that name."""
    try:
        found = target.cloudformation(region).describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if is_missing_stack(error):
            return None
        raise
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return StackState(name, region, found["StackStatus"], outputs)


def stack_states(target: Target, regions: Iterable[str]) -> list[StackState]:
    """Every stack of the regions, without the one that bootstrapping made and those that are nested in others."""
    found = []
    for region in regions:
        for page in target.cloudformation(region).get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                if "ParentId" in stack or stack["StackName"] == BOOTSTRAP_STACK:
                    continue
                if stack["StackStatus"] != "DELETE_COMPLETE":
                    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
                    found.append(StackState(stack["StackName"], region, stack["StackStatus"], outputs))
    return found
