"""A definition, read: its parameters and its steps, with what each step waits for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from .expression import references
from .parameter import Parameter
from .reference import STEPS

CONDITION: Final = "Condition"
BRANCHES: Final[Mapping[str, bool]] = {"IfSteps": True, "ElseSteps": False}
"""The members of a Condition step's arguments that hold steps, by the outcome with which they run."""


@dataclass(frozen=True)
class Step:
    """A step.

    Attributes:
        members: It, as the definition has it.
        condition: The Condition step in whose branch it stands; None for one that stands in none.
        outcome: With which outcome of that it runs.
    """

    members: Mapping[str, Any]
    condition: str | None = None
    outcome: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.members["Name"])

    @property
    def type(self) -> str:
        """Its type, such as `Training`."""
        return str(self.members["Type"])

    @property
    def arguments(self) -> Any:
        """What it is asked to do, without the steps in its branches."""
        given = self.members.get("Arguments", {})
        if self.type != CONDITION:
            return given
        return {name: value for name, value in given.items() if name not in BRANCHES}

    @cached_property
    def evaluated(self) -> dict[str, Any]:
        """All of it that may hold expressions."""
        rest = {name: value for name, value in self.members.items() if name not in {"Arguments", "DependsOn"}}
        return {**rest, "Arguments": self.arguments}

    @cached_property
    def needs(self) -> frozenset[str]:
        """The steps that have to succeed before it begins: those it says, those it uses, and its condition."""
        used = {each.name for each in references(self.evaluated) if each.root == STEPS}
        inside = set() if self.condition is None else {self.condition}
        return frozenset({*self.members.get("DependsOn", ()), *used, *inside})


@dataclass(frozen=True)
class Definition:
    """A definition without problems.

    Attributes:
        members: It, as it is written.
    """

    members: Mapping[str, Any]

    @classmethod
    def of(cls, text: str) -> "Definition":
        """Reads one that was found to be right."""
        return cls(json.loads(text))

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Its parameters by name."""
        return {each["Name"]: Parameter.of(each) for each in self.members.get("Parameters", ())}

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """All steps by name, those in branches behind their conditions."""
        return {step.name: step for step in flattened(self.members["Steps"])}


def flattened(steps: Any, condition: str | None = None, *, outcome: bool = True) -> Iterator[Step]:
    """Steps, and those in the branches of the conditions among them; what is no step is left out."""
    for members in steps if isinstance(steps, list) else ():
        if not isinstance(members, Mapping):
            continue
        step = Step(members, condition, outcome)
        yield step
        arguments = members.get("Arguments")
        if members.get("Type") == CONDITION and isinstance(arguments, Mapping):
            for branch, needed in BRANCHES.items():
                yield from flattened(arguments.get(branch), str(members.get("Name")), outcome=needed)
