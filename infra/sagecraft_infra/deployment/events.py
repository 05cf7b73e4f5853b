"""What CloudFormation says about stacks while it works on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from sagecraft_infra.project.assembly import Stack
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import is_missing_stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_CONSEQUENCES: Final = ("Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled")
"""The reasons of resources that failed only because another one had."""


@dataclass(frozen=True)
class StackEvent:
    """One step of one resource, or of the stack itself.

    Attributes:
        stack: The name of the stack.
        logical_id: The resource's in the template; of the stack itself, the stack's name.
        resource_type: Such as `AWS::SageMaker::Endpoint`.
        status: Such as `CREATE_IN_PROGRESS`.
        reason: Why, where CloudFormation says.
        physical_id: The resource's own name; empty until it has one.
        is_stack: Whether it is about the stack itself.
    """

    stack: str
    logical_id: str
    resource_type: str
    status: str
    reason: str
    physical_id: str
    is_stack: bool

    @property
    def is_cause(self) -> bool:
        """Whether it says why the stack failed, rather than that something else had."""
        return self.status.endswith("_FAILED") and not self.is_stack and not self.reason.startswith(_CONSEQUENCES)

    def __str__(self) -> str:
        return (
            f"{self.stack}: {self.logical_id} ({self.resource_type}) {self.status}: {self.reason or 'no reason given'}"
        )


@dataclass
class EventReader:
    """Reads the events that stacks have had since the reader was made.

    Args:
        target: Where the stacks are.
        stacks: Which stacks.
    """

    target: Target
    stacks: Sequence[Stack]
    _seen: set[str] = field(default_factory=set, init=False)
    _clients: dict[str, "CloudFormationClient"] = field(init=False)

    def __post_init__(self) -> None:
        regions = {stack.region for stack in self.stacks}
        self._clients = {region: self.target.cloudformation(region) for region in regions}
        self.new()

    def new(self) -> list[StackEvent]:
        """The events since the last call, oldest first for each stack."""
        return [event for stack in self.stacks for event in self._new_of(stack)]

    def _new_of(self, stack: Stack) -> Iterable[StackEvent]:
        fresh: list[StackEventTypeDef] = []
        pages = self._clients[stack.region].get_paginator("describe_stack_events")
        try:
            for page in pages.paginate(StackName=stack.name):
                unseen = [event for event in page["StackEvents"] if event["EventId"] not in self._seen]
                fresh.extend(unseen)
                if len(unseen) < len(page["StackEvents"]):
                    break
        except ClientError as error:
            if is_missing_stack(error):
                return []
            raise
        self._seen.update(event["EventId"] for event in fresh)
        return [_event(stack, event) for event in reversed(fresh)]


def _reason(text: str) -> str:
    """The reason without the stack trace that a custom resource's own program adds to it."""
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("    at "))


def _event(stack: Stack, event: "StackEventTypeDef") -> StackEvent:
    return StackEvent(
        stack=stack.name,
        logical_id=event.get("LogicalResourceId", ""),
        resource_type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=_reason(event.get("ResourceStatusReason", "")),
        physical_id=event.get("PhysicalResourceId", ""),
        is_stack=event.get("PhysicalResourceId") == event["StackId"],
    )
