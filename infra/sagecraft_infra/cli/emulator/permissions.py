"""`sagecraft permissions`."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from sagecraft_infra.cli.terminal.options import JsonOption, PortOption, StateDirOption
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.emulator.permissions import RolePermissions, role_permissions, when
from sagecraft_infra.project import Project
from sagecraft_infra.terminal.output import results, write_json


def permissions(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A role, job, endpoint, model, notebook instance, function or construct."),
    ],
    *,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """List what a role may do, what its work called, and what it never used.

    The emulator has to run with --enforce-iam.
    """
    project = Project.here(port=port, state_dir=state_dir)
    emulator_process.require(project.settings)
    roles = role_permissions(project.settings.port, name)
    if json:
        write_json(
            [
                {
                    "role": each.name,
                    "construct": each.construct,
                    "grants": each.grants,
                    "calls": each.calls,
                    "unused": each.unused,
                }
                for each in roles
            ]
        )
        return
    for number, each in enumerate(roles):
        if number:
            results.print()
        _write(each)


def _write(role: RolePermissions) -> None:
    results.print(
        Text.assemble(("Role " + role.name, "bold"), "" if role.construct is None else f" of {role.construct}")
    )
    if role.grants:
        results.print(_grants(role))
    else:
        results.print("It may do nothing.")
    reasons = sorted({each["reason"] for each in role.grants if each["used"] == 0 and each["reason"] is not None})
    for number, reason in enumerate(reasons, start=1):
        actions = ", ".join(sorted({each["action"] for each in role.grants if each["reason"] == reason}))
        results.print(Text(f"({number}) {actions}: {reason}."))
    if role.calls:
        results.print(_calls(role))
    else:
        results.print("It has called nothing yet.")
    if role.unused:
        results.print(Text(f"Never used: {', '.join(sorted({each['action'] for each in role.unused}))}."))


def _grants(role: RolePermissions) -> Table:
    table = _table("May do", "On", "Used")
    reasons = sorted({each["reason"] for each in role.grants if each["used"] == 0 and each["reason"] is not None})
    for each in role.grants:
        used: str | Text = str(each["used"])
        if each["used"] == 0:
            used = Text("never", "red") if each["reason"] is None else f"demanded ({reasons.index(each['reason']) + 1})"
        table.add_row(each["action"], Text("\n".join(each["resources"])), used)
    return table


def _calls(role: RolePermissions) -> Table:
    table = _table("Called", "On", "Times", "Last", "")
    for each in role.calls:
        outcome = Text("") if each["allowed"] else Text("denied", "red")
        table.add_row(each["action"], Text(each["resource"]), str(each["count"]), when(each["last"]), outcome)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in {"Times"} else "left")
    return table
