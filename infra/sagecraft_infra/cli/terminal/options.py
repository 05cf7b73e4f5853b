"""The options that several commands share."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sagecraft_emulator.settings import QUOTAS_VARIABLE, Quotas

from sagecraft_infra.emulator.external import EmulatorKind, detect
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.target.variables import SECRET

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
EndpointUrlOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        metavar="URL",
        envvar="SAGECRAFT_ENDPOINT_URL",
        show_default="the project's own emulator",
        help="An emulator that runs already, whichever it is, such as LocalStack's http://127.0.0.1:4566.",
    ),
]
EmulatorOption = Annotated[
    EmulatorKind | None,
    typer.Option("--emulator", show_default="any", help="Which emulator has to answer at --endpoint-url."),
]
EnforceIamOption = Annotated[
    bool,
    typer.Option("--enforce-iam", help="Work has the permissions of its role alone: a missing one fails as on AWS."),
]
QuotasOption = Annotated[
    Quotas,
    typer.Option(
        "--quotas",
        envvar=QUOTAS_VARIABLE,
        help="new-account refuses what would take more at once than a new account on AWS may have.",
    ),
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
EnvironmentOption = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        metavar="NAME",
        envvar="SAGECRAFT_ENVIRONMENT",
        show_default="that of cdk.json, else dev",
        help="Which of the app's environments, each of which has a settings file.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for machines.")]


def target_of(
    name: TargetName,
    port: int | None,
    state_dir: Path | None,
    app: str | None = None,
    *,
    environment: str | None = None,
    endpoint_url: str | None = None,
    emulator: EmulatorKind | None = None,
) -> Target:
    """The target of a command that was given these options.

    Raises:
        UserError: They contradict each other, or no such emulator answers at the endpoint URL.
    """
    project = Project.here(port=port, state_dir=state_dir, app=app, app_environment=environment)
    if endpoint_url is None:
        if emulator is not None:
            raise UserError("--emulator says what answers at --endpoint-url. Give both, or neither.")
        return Target(name, project)
    if name is TargetName.AWS:
        raise UserError("--endpoint-url is the URL of an emulator, and --target aws is no emulator. Give one of them.")
    found = detect(endpoint_url, region=project.region, access_key=project.account, secret=SECRET, expected=emulator)
    return Target(name, replace(project, external=found, account=found.account))
