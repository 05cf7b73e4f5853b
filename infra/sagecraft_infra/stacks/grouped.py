"""A stack for an environment of any size."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import CfnResource, Environment, NestedStack, Stack
from constructs import Construct

from .exports import check_exports

MAXIMUM_RESOURCES: Final = 500
"""Of one stack. Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
_RESOURCES_PER_GROUP: Final = 350


class GroupedStack(Stack):
    """A stack whose constructs stand in groups, each of which is a nested stack.

    Such as::

        stack = GroupedStack(app, "Team")
        for name in datasets:
            TrainingJob(stack.group("Jobs"), name, ...)

    A template holds 500 resources at most, and a nested stack is one resource of it. A group that has grown large is
    followed by another one, `Jobs2` and so on: `group` answers where the next construct goes. What is declared first
    stays where it is when more is declared behind it; what moves to another nested stack is replaced, so declare new
    work last, or in a group of its own.

    Constructs of different groups may refer to each other, and to the stack itself: the CDK passes the values on as
    parameters and outputs. It is deployed, updated and destroyed as one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        resources_per_group: int = _RESOURCES_PER_GROUP,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            resources_per_group: How many resources a nested stack has at least before another one is begun, 1 to 500.
                Left out, 350, which leaves room for what a construct brings, and for what the CDK adds at the end.
            description: Left out, there is none.
            tags: Of the stack and all that it holds. Left out, there are none.
            env: Account and region. Left out, the template fits any.

        Raises:
            ValueError: The number of resources is out of range.
        """
        super().__init__(scope, id, env=env, description=description, tags=tags)
        check_exports(self)
        if not 1 <= resources_per_group <= MAXIMUM_RESOURCES:
            raise ValueError(
                f"GroupedStack '{self.node.path}': resources_per_group: should be 1 to {MAXIMUM_RESOURCES}, "
                f"got {resources_per_group}."
            )
        self._resources_per_group = resources_per_group
        self._groups: dict[str, list[_Part]] = {}

    def group(self, name: str) -> NestedStack:
        """The nested stack that the next construct of a group goes into.

        Args:
            name: The group's; it is the id of its first nested stack.
        """
        parts = self._groups.setdefault(name, [])
        if not parts or parts[-1].resource_count() >= self._resources_per_group:
            number = len(parts) + 1
            parts.append(_Part(NestedStack(self, name if number == 1 else f"{name}{number}")))
        return parts[-1].stack


class _Part:
    """A nested stack of a group, and how many resources it has."""

    def __init__(self, stack: NestedStack) -> None:
        self.stack = stack
        self._counted = 0
        self._resources = 0

    def resource_count(self) -> int:
        """The resources so far; of what has been counted before, what it has grown by since is left to the margin."""
        children = self.stack.node.children
        for child in children[self._counted :]:
            self._resources += sum(isinstance(each, CfnResource) for each in child.node.find_all())
        self._counted = len(children)
        return self._resources
