"""What deployed stacks give out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import aws_cdk


class Outputs(Mapping[str, str]):
    """The outputs of the stacks that were deployed together, by the names of their `CfnOutput`s.

    A name that only one stack has stands for that stack's value; `of` gives those of one stack.

    Args:
        stacks: The outputs of each stack, by the stack's name.
    """

    def __init__(self, stacks: Mapping[str, Mapping[str, str]]) -> None:
        self._stacks = {name: dict(outputs) for name, outputs in stacks.items()}

    def of(self, stack_name: str) -> Mapping[str, str]:
        """The outputs of one stack.

        Raises:
            KeyError: It was not deployed; naming those that were.
        """
        if stack_name not in self._stacks:
            raise KeyError(f"no stack '{stack_name}' was deployed; there are: {', '.join(self._stacks)}")
        return self._stacks[stack_name]

    def __getitem__(self, name: str) -> str:
        owners = [stack for stack, outputs in self._stacks.items() if name in outputs]
        if len(owners) > 1:
            raise KeyError(f"{', '.join(owners)} each have an output '{name}'; use of('{owners[0]}')['{name}']")
        if not owners:
            raise KeyError(f"no output '{name}'; there are: {', '.join(self) or 'none'}")
        return self._stacks[owners[0]][name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for outputs in self._stacks.values() for name in outputs))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Outputs({self._stacks!r})"


class Deploy(Protocol):
    """The type of the fixture `sagecraft_deploy`."""

    def __call__(self, app_or_stack: "aws_cdk.Stage | aws_cdk.Stack") -> Outputs:
        """Deploys the stacks of an app, or a stack with those that it depends on."""
