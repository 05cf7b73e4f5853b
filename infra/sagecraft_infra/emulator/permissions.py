"""What the emulator has recorded of roles."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sagecraft_infra.errors import UserError
from sagecraft_infra.near import near

from . import process as emulator_process


@dataclass(frozen=True)
class RolePermissions:
    """One role, as the emulator reports it.

    Attributes:
        name: Of the role.
        construct: The path of the construct that declares it, if one does.
        grants: What it may do: `action`, `resources`, `condition`, `policy`, `used` and `reason`.
        calls: What it called: `action`, `resource`, `allowed`, `count` and `last`.
    """

    name: str
    construct: str | None
    grants: tuple[dict[str, Any], ...]
    calls: tuple[dict[str, Any], ...]

    @property
    def unused(self) -> tuple[dict[str, Any], ...]:
        """The grants that nothing used, and that no documentation demands."""
        return tuple(each for each in self.grants if each["used"] == 0 and each["reason"] is None)

    @property
    def denied(self) -> tuple[dict[str, Any], ...]:
        """The calls that were refused."""
        return tuple(each for each in self.calls if not each["allowed"])


def role_permissions(port: int, name: str) -> list[RolePermissions]:
    """What is known of the roles of something.

    Args:
        port: The emulator's.
        name: A role, job, endpoint, model, notebook instance, function or construct.

    Raises:
        UserError: The emulator does not enforce permissions, or nothing of that name has a role.
    """
    status, answer = emulator_process.answer_of(port, f"permissions?name={quote(name, safe='')}")
    if status == 404:
        raise UserError(f"{answer['message']} {near(name, answer['names'])}")
    if status != 200:
        raise UserError(str(answer["message"]))
    return [
        RolePermissions(each["arn"].rpartition("/")[2], each["construct"], tuple(each["grants"]), tuple(each["calls"]))
        for each in answer["roles"]
    ]


def when(epoch_seconds: float) -> str:
    """A moment, as it is shown."""
    return datetime.fromtimestamp(epoch_seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
