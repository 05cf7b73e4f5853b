"""What of a noun stands somewhere, and how that is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .api import Api

State = TypeVar("State")


@dataclass(frozen=True)
class Remark:
    """A line behind the tables.

    Attributes:
        lead: Plain text.
        bold: What it is about, or what to type.
        rest: Plain text.
    """

    lead: str
    bold: str
    rest: str = ""


def _nothing(_: Any) -> Remark | None:
    return None


def _none(_: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Section(Generic[State]):
    """The resources of one type that an inventory tells of.

    Attributes:
        key: What they are called in JSON.
        resource_type: Their type in templates.
        api: Their operations.
        state: What is told of one, by its name, its region and its description.
        is_part: Whether one belongs to something else that is told of, by its description. Left out, none does.
        columns: The heads of their table; the first says what they are.
        row: One's cells.
        remark: What is said of one behind the tables, if anything.
        hint: How one is used, if that is said.
    """

    key: str
    resource_type: str
    api: Api
    state: Callable[[str, str, Mapping[str, Any]], State]
    is_part: Callable[[Mapping[str, Any]], bool] = _none
    columns: tuple[str, ...]
    row: Callable[[State], tuple[str, ...]]
    remark: Callable[[State], Remark | None] = _nothing
    hint: Callable[[State], Remark | None] = _nothing
