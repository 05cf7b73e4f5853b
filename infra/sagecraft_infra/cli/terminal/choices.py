"""Options whose values are named by what the nouns declare."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import typer


class Named(Protocol):
    """Something that a value on the command line names."""

    @property
    def name(self) -> str:
        """As the command line names it."""


_Named = TypeVar("_Named", bound=Named)


def choice(flags: Sequence[str], help_text: str, choices: Sequence[Named], **settings: Any) -> Any:
    """An option that takes the name of one of these, and yields that one."""
    names = "|".join(each.name for each in choices)
    return typer.Option(*flags, help=help_text, metavar=f"<{names}>", parser=_parser(choices), **settings)


def _parser(choices: Sequence[_Named]) -> Callable[[str], _Named]:
    by_name = {each.name: each for each in choices}

    def parse(value: str) -> _Named:
        if value not in by_name:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(map(repr, by_name))}.")
        return by_name[value]

    return parse
