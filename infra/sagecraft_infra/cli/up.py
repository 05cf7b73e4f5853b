"""`sagecraft up`."""

from typing import Annotated

import typer

from sagecraft_infra import emulator_process
from sagecraft_infra.deployment import Deployment
from sagecraft_infra.inventory import stack_state, take_inventory
from sagecraft_infra.target import TargetName

from .options import AppOption, JsonOption, PortOption, StateDirOption, TargetOption, target_of
from .output import note, write_inventory, write_json
from .progress import Progress


def up(
    *,
    target: TargetOption = TargetName.LOCAL,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="On AWS: do not ask before permissions are widened.")
    ] = False,
    app: AppOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Deploy the app of the current folder, and say what stands then.

    Starts the emulator if none answers, and bootstraps it if that has not been done.
    """
    chosen = target_of(target, port, state_dir, app)
    chosen.project.check_app()
    if chosen.is_local and emulator_process.ensure(chosen.project.settings) and not json:
        note(f"Started the emulator on {chosen.project.settings.endpoint_url}")
    ask_approval = not (chosen.is_local or yes)
    with Progress(quiet=json) as progress:
        deployment = Deployment(chosen, progress)
        assembly = deployment.synthesize()
        deployment.bootstrap(assembly.environments)
        deployment.settle(assembly)
        if not ask_approval:
            deployment.deploy(assembly, ask_approval=False)
    if ask_approval:
        # Outside of the live view, which would write over the question.
        deployment.deploy(assembly, ask_approval=True)
    states = [stack_state(chosen, stack.name, stack.region) for stack in assembly.stacks]
    inventory = take_inventory(chosen, [state for state in states if state is not None])
    if json:
        write_json(inventory)
    else:
        write_inventory(inventory, hints=True)
