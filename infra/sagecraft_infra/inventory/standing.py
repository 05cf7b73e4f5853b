"""The stacks, and what of SageMaker's stands in them or beside them."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from sagecraft_infra.noun.section import Section, State
from sagecraft_infra.target import Target
from sagecraft_infra.target.missing import found

from .stacks import StackState

NESTED_STACK: Final = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Inventory:
    """What stands somewhere.

    Attributes:
        stacks: The stacks.
        sections: What else there is, section by section.
    """

    stacks: tuple[StackState, ...]
    sections: Mapping[Section[Any], tuple[Any, ...]]

    def of(self, section: Section[State]) -> tuple[State, ...]:
        """What there is of a section."""
        return cast("tuple[State, ...]", self.sections[section])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all."""
        return not (self.stacks or any(self.sections.values()))

    def as_json(self) -> dict[str, Any]:
        """The inventory as the command writes it with `--json`."""
        sections = {section.key: states for section, states in self.sections.items()}
        return {
            name: [dataclasses.asdict(state) for state in states]
            for name, states in {"stacks": self.stacks, **sections}.items()
        }


def take_inventory(target: Target, stacks: Sequence[StackState], sections: Sequence[Section[Any]]) -> Inventory:
    """What stands in these stacks; the stacks alone where nothing answers for SageMaker."""
    by_type = {section.resource_type: section for section in sections}
    present: dict[Section[Any], list[Any]] = defaultdict(list)
    for stack in stacks if target.has_sagemaker else ():
        client = target.sagemaker(stack.region)
        for resource_type, physical_id in stack_resources(target, stack.name, stack.region):
            # Other services' resources are not what a user looks for here.
            if resource_type in by_type:
                section = by_type[resource_type]
                # An ARN or a name, which has a slash where it is that of a version: `group/3`.
                name = physical_id.partition("/")[2] if physical_id.startswith("arn:") else physical_id
                present[section].extend(_state(client, section, name, stack.region))
    return Inventory(tuple(stacks), {section: tuple(present[section]) for section in sections})


def stack_resources(target: Target, stack: str, region: str) -> Iterable[tuple[str, str]]:
    """The types and physical ids of what stands in a stack and in those that are nested in it.

    Args:
        target: Where the stack is.
        stack: Its name.
        region: Its region.
    """
    for page in target.cloudformation(region).get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            kind, physical_id = resource["ResourceType"], resource.get("PhysicalResourceId", "")
            if not physical_id or resource["ResourceStatus"].startswith("DELETE"):
                continue
            if kind == NESTED_STACK:
                yield from stack_resources(target, physical_id, region)
            else:
                yield kind, physical_id


def take_whole_inventory(
    target: Target, stacks: Sequence[StackState], sections: Sequence[Section[Any]], regions: Iterable[str]
) -> Inventory:
    """These stacks, and whatever SageMaker has in the regions, whoever made it, except what is a part of something."""
    present: dict[Section[Any], list[Any]] = defaultdict(list)
    for region in regions if target.has_sagemaker else ():
        client = target.sagemaker(region)
        for section in sections:
            for name in section.api.names(client):
                present[section].extend(_state(client, section, name, region, parts=False))
    return Inventory(tuple(stacks), {section: tuple(present[section]) for section in sections})


def _state(client: Any, section: Section[Any], name: str, region: str, *, parts: bool = True) -> Iterator[Any]:
    description = found(partial(section.api.describe, client, name))
    if description is not None and (parts or not section.is_part(description)):
        yield section.state(name, region, description)
