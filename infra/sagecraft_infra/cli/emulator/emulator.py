"""`sagecraft emulator`."""

import os
import sys
from dataclasses import replace
from typing import Annotated

import typer
from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.hosts.functions import node_sdk
from sagecraft_emulator.settings import NOTEBOOKS_VARIABLE, Execute, Notebooks

from sagecraft_infra.cli.terminal.options import EnforceIamOption, PortOption, QuotasOption, StateDirOption
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project

ExecuteOption = Annotated[
    Execute,
    typer.Option("--execute", help="real runs jobs and endpoints; instant completes them at once without running."),
]
NotebooksOption = Annotated[
    Notebooks,
    typer.Option(
        "--notebooks",
        envvar=NOTEBOOKS_VARIABLE,
        help="open runs a JupyterLab behind each notebook instance; records keeps their records alone.",
    ),
]


def emulator(
    *,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    execute: ExecuteOption = "real",
    notebooks: NotebooksOption = "open",
    enforce_iam: EnforceIamOption = False,
    quotas: QuotasOption = "unlimited",
) -> None:
    """Run the emulator in the foreground, until Ctrl-C."""
    project = Project.here(port=port, state_dir=state_dir)
    settings = replace(project.settings, execute=execute, notebooks=notebooks, enforce_iam=enforce_iam, quotas=quotas)
    try:
        node_sdk.install_sdk()
    except NodeSdkError as error:
        raise UserError(str(error)) from error
    # It becomes the emulator, so that signals reach it and its exit code is the command's.
    os.execv(  # noqa: S606 - no shell is wanted
        sys.executable, [sys.executable, "-m", "sagecraft_emulator", *settings.arguments]
    )
