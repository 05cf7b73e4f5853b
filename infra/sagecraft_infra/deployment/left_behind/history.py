"""What stacks have, and what those had that are gone: CloudFormation tells of these for 90 days.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import ClientError

from sagecraft_infra.inventory import BOOTSTRAP_STACK, stack_resources
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing_stack

_NESTED: Final = "AWS::CloudFormation::Stack"
_KEPT: Final = "DELETE_SKIPPED"


@dataclass(frozen=True)
class Kept:
    """A resource that its stack left when it was deleted, or updated.

    Attributes:
        resource_type: Its type.
        physical_id: What AWS calls it.
        stack: The stack's name.
    """

    resource_type: str
    physical_id: str
    stack: str


@dataclass
class History:
    """The stacks of a region.

    Attributes:
        standing: The names of what stacks have.
        gone: The names of what stacks had that are gone, by the stack's name.
        kept: What stacks left, by policy.
        is_everything: Whether all that stands in no stack counts, and not only what the app had.
    """

    standing: set[str] = field(default_factory=set)
    gone: dict[str, str] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    is_everything: bool = False

    def why(self, name: str) -> str | None:
        """Why something of that name is left; None where a stack has it, or it is none of the app's."""
        if name in self.standing:
            return None
        for each in self.kept:
            if plain_name(each.physical_id) == name:
                return f"the stack {each.stack} kept it, as its DeletionPolicy or UpdateReplacePolicy says"
        if name in self.gone:
            return f"the stack {self.gone[name]} had it, and has it no more"
        return "it stands in no stack" if self.is_everything else None


def history_of(target: Target, region: str, apps: Collection[str] | None) -> History:
    """The stacks of a region.

    Args:
        target: Where.
        region: The region.
        apps: The names of an app's stacks; None for those of everything that there is.
    """
    cloudformation = target.cloudformation(region)
    found = History(is_everything=apps is None)
    for page in cloudformation.get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            name, identifier = stack["StackName"], stack["StackId"]
            if stack["StackStatus"] != "DELETE_COMPLETE":
                found.standing.update(plain_name(each) for _, each in stack_resources(target, identifier, region))
            if "ParentId" not in stack and (name in apps if apps is not None else name != BOOTSTRAP_STACK):
                _read(target, region, identifier, name, found)
    found.kept = [each for each in found.kept if plain_name(each.physical_id) not in found.standing]
    return found


def plain_name(physical_id: str) -> str:
    """The name in an ARN or in what else CloudFormation calls a resource by."""
    if not physical_id.startswith("arn:"):
        return physical_id.rpartition("|")[2]
    return physical_id.rpartition("/" if "/" in physical_id else ":")[2]


def _read(target: Target, region: str, stack_id: str, name: str, found: History) -> None:
    for resource_type, physical_id, status in set(_events(target, region, stack_id)):
        if resource_type == _NESTED:
            if physical_id != stack_id:
                _read(target, region, physical_id, name, found)
            continue
        found.gone[plain_name(physical_id)] = name
        kept = Kept(resource_type, physical_id, name)
        if status == _KEPT and kept not in found.kept:
            found.kept.append(kept)


def _events(target: Target, region: str, stack_id: str) -> Iterator[tuple[str, str, str]]:
    pages = target.cloudformation(region).get_paginator("describe_stack_events").paginate(StackName=stack_id)
    try:
        for page in pages:
            for event in page["StackEvents"]:
                if event.get("PhysicalResourceId"):
                    yield event["ResourceType"], event["PhysicalResourceId"], event["ResourceStatus"]
    except ClientError as error:
        if not is_missing_stack(error):
            raise
