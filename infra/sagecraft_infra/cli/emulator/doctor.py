"""`sagecraft doctor`."""

from typing import Annotated

import typer
from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.hosts.functions import node_sdk

from sagecraft_infra.cli.terminal.findings import write_finding
from sagecraft_infra.cli.terminal.options import JsonOption, PortOption, StateDirOption
from sagecraft_infra.deployment.diagnosis import Severity, examine
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.terminal.output import note, write_json


def doctor(
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Install what is missing and can be installed from here.")] = False,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say what is missing on this machine, and the command that mends it."""
    project = Project.here(port=port, state_dir=state_dir)
    if fix and not node_sdk.sdk_installed():
        if not json:
            note("Installing the AWS SDK for JavaScript into your cache")
        try:
            node_sdk.install_sdk()
        except NodeSdkError as error:
            raise UserError(str(error)) from error
    findings = examine(project)
    if json:
        write_json(findings)
    else:
        for finding in findings:
            write_finding(finding)
    missing = [finding.subject for finding in findings if finding.severity is Severity.MISSING]
    if missing:
        raise UserError(f"Not ready: {', '.join(missing)}.")
