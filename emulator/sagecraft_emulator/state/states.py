"""The statuses that a kind of resource goes through, and which may follow which."""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Final

from sagecraft_emulator.errors import InvalidTransition

CREATED: Final = "created"
"""Stands for the time before the first status."""


class States:
    """The statuses of a kind.

    Args:
        following: Which statuses may follow a status, `CREATED` among them; a status that none may follow is final.
    """

    def __init__(self, following: Mapping[str, Collection[str]]) -> None:
        self.following = following

    @property
    def all(self) -> frozenset[str]:
        """Every status."""
        return frozenset(self.following) - {CREATED}

    @cached_property
    def final(self) -> frozenset[str]:
        """The statuses that last."""
        return frozenset(status for status, following in self.following.items() if not following)

    def check(self, kind: str, present: str | None, following: str) -> None:
        """Passes when a status may come after the present one, or equals it.

        Args:
            kind: Whose statuses these are, for the message.
            present: None for a resource that is being created.
            following: What comes after it.

        Raises:
            InvalidTransition: It may not.
        """
        allowed = self.following[CREATED if present is None else present]
        if following not in allowed and following != present:
            names = ", ".join(sorted(allowed)) or "nothing, it is final"
            raise InvalidTransition(f"{kind}: '{following}' cannot follow '{present}'; allowed: {names}")
