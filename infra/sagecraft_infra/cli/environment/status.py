"""`sagecraft status`."""

from typing import Final

from sagecraft_infra.cli.terminal.bill import bill_of, note_bill
from sagecraft_infra.cli.terminal.options import (
    EmulatorOption,
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.cli.work.jobs import write_jobs
from sagecraft_infra.cli.work.queue import write_queue
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.inventory import stack_state, stack_states, take_inventory, take_whole_inventory
from sagecraft_infra.jobs.lookup import list_jobs
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note, results, write_json

from .inventory import write_inventory

SHOWN_JOBS: Final = 10


def status(
    *,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    emulator: EmulatorOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Show the stacks, jobs, endpoints and notebook instances that stand, and the jobs that wait for cores.

    On the emulator all there are, and what they would have cost on AWS; on AWS those of the app's stacks.
    """
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url, emulator=emulator)
    synthesized = (chosen.project.assembly_dir / "manifest.json").is_file()
    stacks = chosen.read_assembly().stacks if synthesized or not chosen.is_local else ()
    external, settings = chosen.project.external, chosen.project.settings
    queue = None
    if not chosen.is_local:
        states = [stack_state(chosen, stack.name, stack.region) for stack in stacks]
        inventory = take_inventory(chosen, [state for state in states if state is not None], NOUNS.sections)
    else:
        if external is None:
            health = emulator_process.require(settings)
            queue = emulator_process.ask(settings.port, "GET", "status")["queue"]
            about = [f"Emulator on {settings.endpoint_url}, process {health.process_id}, {health.state_dir}"]
            about += [f"  {warning}" for warning in health.warnings]
        else:
            about = [f"{external.name} at {external.endpoint_url}, account {external.account}"]
            if external.has_sagecraft:
                queue = emulator_process.ask(external.port, "GET", "status", host=external.host)["queue"]
        regions = list(dict.fromkeys([chosen.region, *(stack.region for stack in stacks)]))
        inventory = take_whole_inventory(chosen, stack_states(chosen, regions), NOUNS.sections, regions)
        for line in () if json else about:
            note(line)
    bill = bill_of(chosen)
    if json:
        cost = None if bill is None else bill.as_json
        write_json({**inventory.as_json(), "queue": queue, "cost": cost})
        return
    if queue is not None:
        write_queue(queue)
    write_inventory(inventory, hints=False)
    if (
        chosen.is_local
        and chosen.has_sagemaker
        and (others := list_jobs(chosen, chosen.region, kinds=NOUNS.jobs_alone, limit=SHOWN_JOBS))
    ):
        results.print()
        write_jobs(others)
    elif inventory.is_empty:
        note("Nothing is deployed. Run: sagecraft up")
    note_bill(bill)
