"""What CloudFormation knows about the stack itself, asked of the provider."""

import uuid
from collections.abc import Callable
from typing import Any, Final

import pulumi

from sagecraft_infra.pulumi.provider.types import NATIVE, package_module

from .deferred import ABSENT, lift

_NAMESPACE: Final = uuid.UUID("5f0f6a2e-0d5c-4b0e-9b0a-6a1c0d1f7c11")


class PseudoParameters:
    """The pseudo parameters of a stack; each is asked for once, when something needs it.

    Args:
        stack_name: The stack's.
        parent: The component that the stack belongs to; its provider is asked.
        account: Of the stack, where it names one.
        region: Of the stack, where it names one.
    """

    def __init__(
        self, stack_name: str, parent: pulumi.Resource, *, account: str | None = None, region: str | None = None
    ) -> None:
        self._stack_name = stack_name
        self.invoke_options = pulumi.InvokeOptions(parent=parent)
        self._values: dict[str, Any] = {"AWS::NoValue": ABSENT, "AWS::StackName": stack_name}
        if account is not None:
            self._values["AWS::AccountId"] = account
        if region is not None:
            self._values["AWS::Region"] = region
        self._makers: dict[str, Callable[[], Any]] = {
            "AWS::AccountId": lambda: self._asked("get_account_id_output", "account_id"),
            "AWS::Region": lambda: self._asked("get_region_output", "region"),
            "AWS::Partition": lambda: self._asked("get_partition_output", "partition"),
            "AWS::URLSuffix": lambda: self._asked("get_url_suffix_output", "url_suffix"),
            "AWS::StackId": self._stack_id,
            "AWS::NotificationARNs": list,
        }

    def __contains__(self, name: str) -> bool:
        return name in self._values or name in self._makers

    def value(self, name: str) -> Any:
        """The value, an Output where the provider has to be asked."""
        if name not in self._values:
            self._values[name] = self._makers[name]()
        return self._values[name]

    def known(self, name: str) -> str | None:
        """The value where it is plain text, without asking."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def _asked(self, function: str, attribute: str) -> Any:
        answer = getattr(package_module(NATIVE), function)(opts=self.invoke_options)
        return answer.apply(lambda known: getattr(known, attribute))

    def _stack_id(self) -> Any:
        # There is no such stack; templates take the last part of its id to make names unique.
        own = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}/{self._stack_name}"
        return lift(
            lambda partition, region, account: (
                f"arn:{partition}:cloudformation:{region}:{account}:stack/{self._stack_name}/"
                f"{uuid.uuid5(_NAMESPACE, own)}"
            ),
            *(self.value(name) for name in ("AWS::Partition", "AWS::Region", "AWS::AccountId")),
        )
