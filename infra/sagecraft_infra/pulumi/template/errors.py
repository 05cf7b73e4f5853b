"""What a template says that Pulumi cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sagecraft_infra.errors import UserError


@dataclass(frozen=True)
class Place:
    """Where in a template something stands.

    Attributes:
        owner: What it belongs to, as a message names it: `resource 'Role1ABC' (AWS::IAM::Role)`, `output 'Url'`.
        path: The properties that lead there, list indices included.
    """

    owner: str
    path: tuple[str | int, ...] = ()

    def at(self, step: str | int) -> "Place":
        """One step deeper."""
        return Place(self.owner, (*self.path, step))

    def __str__(self) -> str:
        if not self.path:
            return self.owner
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{self.owner}, property {steps.removeprefix('.')}"


class NotExpressible(UserError):
    """Pulumi has no way to say what the template says.

    Args:
        place: The resource and the property.
        problem: What cannot be said, what can, and what to change.
    """

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
        self.place = place


def listed(names: Sequence[str], at_most: int = 25) -> str:
    """The names for a message, cut where there are too many to read."""
    shown = ", ".join(sorted(names)[:at_most])
    return shown if len(names) <= at_most else f"{shown}, … ({len(names)} in all)"
