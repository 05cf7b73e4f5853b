"""Nested stacks that fail, which ministack leaves standing with all that they had made."""

from collections.abc import Callable, Mapping
from typing import Any

Create = Callable[[str, dict[str, Any], str], tuple[str, dict[str, Any]]]
"""Logical id, properties, name of the parent -> physical id, attributes."""


class NestedStackProvisioner:
    """Makes nested stacks as ministack does, and removes one that fails, as a rollback does on AWS.

    Args:
        own: ministack's handlers of the type.
        stacks: All stacks, by name.
    """

    def __init__(self, own: Mapping[str, Any], stacks: Mapping[str, Any]) -> None:
        self._create: Create = own["create"]
        self._delete: Callable[[str, dict[str, Any]], None] = own["delete"]
        self._stacks = stacks

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a nested stack.

        Raises:
            ValueError: A resource in it failed; naming that and its reason.
        """
        before = set(self._stacks)
        try:
            return self._create(logical_id, properties, stack_name)
        except Exception as error:
            prefix = f"{stack_name}-{logical_id}-"
            failed = [name for name in list(self._stacks) if name not in before and name.startswith(prefix)]
            if not failed:  # it did not come so far
                raise
            stack = self._stacks[failed[0]]
            self._delete(failed[0], properties)
            raise ValueError(
                f"Embedded stack {stack['StackId']} was not successfully created: {stack['StackStatusReason']}"
            ) from error
