"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName

PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65535,
        envvar="SAGECRAFT_PORT",
        show_default="that of the project's emulator, else 4566",
        help="Port of the emulator on 127.0.0.1.",
    ),
]
StateDirOption = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        envvar="SAGECRAFT_STATE_DIR",
        show_default=".sagecraft",
        help="Where the emulator keeps its state.",
    ),
]
TargetOption = Annotated[
    TargetName, typer.Option("--target", envvar="SAGECRAFT_TARGET", help="The emulator, or your account on AWS.")
]
AppOption = Annotated[
    str | None,
    typer.Option(
        "--app",
        "-a",
        metavar="COMMAND",
        show_default="that of cdk.json",
        help='Command that runs the app, such as "python -m examples.tuning".',
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for machines.")]


def target_of(name: TargetName, port: int | None, state_dir: Path | None, app: str | None = None) -> Target:
    """The target of a command that was given these options."""
    return Target(name, Project.here(port=port, state_dir=state_dir, app=app))
