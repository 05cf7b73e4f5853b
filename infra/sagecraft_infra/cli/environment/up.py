"""`sagecraft up`."""

import dataclasses
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.bill import bill_of, note_bill
from sagecraft_infra.cli.terminal.options import (
    AppOption,
    EmulatorOption,
    EndpointUrlOption,
    EnforceIamOption,
    EnvironmentOption,
    JsonOption,
    PortOption,
    QuotasOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.cli.terminal.progress import Progress
from sagecraft_infra.deployment.limits import refuse_limits
from sagecraft_infra.deployment.preflight.preflight import refuse_unready
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.errors import UserError
from sagecraft_infra.inventory import stack_state, take_inventory
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note, write_json

from .inventory import write_inventory


def up(
    *,
    target: TargetOption = TargetName.LOCAL,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="On AWS: do not ask before permissions are widened.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="With --endpoint-url: deploy also what that emulator cannot do.")
    ] = False,
    skip_preflight: Annotated[
        bool, typer.Option("--skip-preflight", help="On AWS: do not look first whether the account has what is needed.")
    ] = False,
    app: AppOption = None,
    environment: EnvironmentOption = None,
    endpoint_url: EndpointUrlOption = None,
    emulator: EmulatorOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    enforce_iam: EnforceIamOption = False,
    quotas: QuotasOption = "unlimited",
    json: JsonOption = False,
) -> None:
    """Deploy the app of the current folder, and say what stands then.

    Starts the emulator if none answers, and bootstraps it if that has not been done. With --endpoint-url, deploys to
    the emulator that answers there, and refuses to when it cannot do what the app declares.
    """
    chosen = target_of(
        target, port, state_dir, app, environment=environment, endpoint_url=endpoint_url, emulator=emulator
    )
    chosen.project.check_app()
    external = chosen.project.external
    if anyway and external is None:
        raise UserError("--anyway is about the emulator at --endpoint-url. Give both, or neither.")
    if enforce_iam and (external is not None or not chosen.is_local):
        raise UserError(
            "--enforce-iam is about the project's own emulator. Leave it out, or --target and --endpoint-url."
        )
    if external is not None and not json:
        note(f"{external.name} answers at {external.endpoint_url}, account {external.account}")
    elif (
        external is None
        and chosen.is_local
        and emulator_process.ensure(
            dataclasses.replace(chosen.project.settings, enforce_iam=enforce_iam, quotas=quotas)
        )
        and not json
    ):
        note(f"Started the emulator on {chosen.project.settings.endpoint_url}")
    ask_approval = not (chosen.is_local or yes)
    with Progress(quiet=json) as progress:
        deployment = Deployment(chosen, progress)
        assembly = deployment.synthesize()
        undone = [] if external is None else refuse_limits(external, assembly, anyway=anyway)
        refuse_unready(chosen, assembly, progress, skip=skip_preflight)
        deployment.bootstrap(assembly)
        deployment.settle(assembly)
        if not ask_approval:
            deployment.deploy(assembly, ask_approval=False)
    if ask_approval:
        # Outside of the live view, which would write over the question.
        deployment.deploy(assembly, ask_approval=True)
    states = [stack_state(chosen, stack.name, stack.region) for stack in assembly.stacks]
    inventory = take_inventory(chosen, [state for state in states if state is not None], NOUNS.sections)
    if json:
        limited = {} if external is None else {"emulator": external.name, "limits": undone}
        write_json({**inventory.as_json(), **limited})
        return
    write_inventory(inventory, hints=True)
    note_bill(bill_of(chosen))
    if external is not None and undone:
        note(f"What stands there is not all that the stacks say. {external.name} does not do:")
        for limit in undone:
            note(f"  {limit}")
