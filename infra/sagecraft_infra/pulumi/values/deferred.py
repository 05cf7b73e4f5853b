"""Functions of values of which some are known only later: Pulumi's Outputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pulumi


class _Absent:
    """What `AWS::NoValue` stands for."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


ABSENT: Final = _Absent()


@dataclass(frozen=True)
class PerhapsAbsent:
    """A value that turns out only later, and may turn out to be none.

    Attributes:
        output: Yields the value, or `ABSENT`.
    """

    output: pulumi.Output[Any]


def has_output(value: Any) -> bool:
    """Whether the value, or anything within it, is known only later."""
    if isinstance(value, pulumi.Output):
        return True
    if isinstance(value, dict):
        return any(has_output(each) for each in value.values())
    return isinstance(value, list | tuple) and any(has_output(each) for each in value)


def lift(function: Callable[..., Any], *values: Any) -> Any:
    """The function's value: at once where all values are known, else an Output."""
    if not has_output(values):
        return function(*values)
    return pulumi.Output.all(*values).apply(lambda known: function(*known))


def compact_mapping(entries: dict[str, Any]) -> Any:
    """The mapping without what is absent."""
    entries = {key: value for key, value in entries.items() if value is not ABSENT}
    if not any(isinstance(value, PerhapsAbsent) for value in entries.values()):
        return entries
    opened = {key: value.output if isinstance(value, PerhapsAbsent) else value for key, value in entries.items()}
    return pulumi.Output.from_input(opened).apply(_present_entries)


def compact_list(items: list[Any]) -> Any:
    """The list without what is absent."""
    items = [item for item in items if item is not ABSENT]
    if not any(isinstance(item, PerhapsAbsent) for item in items):
        return items
    opened = [item.output if isinstance(item, PerhapsAbsent) else item for item in items]
    return pulumi.Output.from_input(opened).apply(lambda known: [item for item in known if item is not ABSENT])


def _present_entries(known: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in known.items() if value is not ABSENT}
