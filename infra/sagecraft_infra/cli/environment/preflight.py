"""`sagecraft preflight`."""

from sagecraft_infra.cli.terminal.findings import write_finding
from sagecraft_infra.cli.terminal.options import (
    AppOption,
    EmulatorOption,
    EndpointUrlOption,
    EnvironmentOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.cli.terminal.progress import Progress
from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.deployment.preflight.preflight import requirements
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.errors import UserError
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import write_json


def preflight(
    *,
    target: TargetOption = TargetName.LOCAL,
    app: AppOption = None,
    environment: EnvironmentOption = None,
    endpoint_url: EndpointUrlOption = None,
    emulator: EmulatorOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether the account has what the app needs, before anything is made: quotas, images, roles, bootstrapping.

    `sagecraft up --target aws` does so first. Nothing is changed, and what would fail ends with exit code 2.
    """
    chosen = target_of(
        target, port, state_dir, app, environment=environment, endpoint_url=endpoint_url, emulator=emulator
    )
    if chosen.is_local:
        chosen.project.require_sagemaker()
    with Progress(quiet=json) as progress:
        assembly = Deployment(chosen, progress).synthesize()
        progress.step("Looking at the account")
        found = requirements(chosen, assembly)
    if json:
        write_json(found)
    else:
        for each in found:
            write_finding(each)
    missing = [each.subject for each in found if each.severity is Severity.MISSING]
    if missing:
        raise UserError(f"A deployment would fail for: {', '.join(missing)}.")
