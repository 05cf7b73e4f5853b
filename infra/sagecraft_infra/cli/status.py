"""`sagecraft status`."""

import dataclasses
from typing import Final

from sagecraft_infra import emulator_process
from sagecraft_infra.inventory import stack_state, stack_states, take_inventory, take_whole_inventory
from sagecraft_infra.job import JobKind, list_jobs
from sagecraft_infra.target import TargetName

from .jobs import write_jobs
from .options import JsonOption, PortOption, StateDirOption, TargetOption, target_of
from .output import note, results, write_inventory, write_json
from .queue_table import write_queue

OTHER_KINDS: Final = (JobKind.TUNING, JobKind.TRANSFORM, JobKind.PROCESSING)
SHOWN_JOBS: Final = 10


def status(
    *,
    target: TargetOption = TargetName.LOCAL,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Show the stacks, jobs, endpoints and notebook instances that stand, and the jobs that wait for cores.

    On the emulator all there are; on AWS those of the app's stacks.
    """
    chosen = target_of(target, port, state_dir)
    synthesized = (chosen.project.assembly_dir / "manifest.json").is_file()
    stacks = chosen.read_assembly().stacks if synthesized or not chosen.is_local else ()
    queue = None
    if chosen.is_local:
        health = emulator_process.require(chosen.project.settings)
        queue = emulator_process.ask(chosen.project.settings.port, "GET", "status")["queue"]
        regions = list(dict.fromkeys([chosen.region, *(stack.region for stack in stacks)]))
        inventory = take_whole_inventory(chosen, stack_states(chosen, regions), regions)
        if not json:
            note(f"Emulator on {chosen.project.settings.endpoint_url}, process {health.process_id}, {health.state_dir}")
            for warning in health.warnings:
                note(f"  {warning}")
    else:
        states = [stack_state(chosen, stack.name, stack.region) for stack in stacks]
        inventory = take_inventory(chosen, [state for state in states if state is not None])
    if json:
        write_json({**dataclasses.asdict(inventory), "queue": queue})
        return
    if queue is not None:
        write_queue(queue)
    write_inventory(inventory, hints=False)
    if chosen.is_local and (others := list_jobs(chosen, chosen.region, kinds=OTHER_KINDS, limit=SHOWN_JOBS)):
        results.print()
        write_jobs(others)
    elif not (inventory.stacks or inventory.training_jobs or inventory.endpoints or inventory.notebook_instances):
        note("Nothing is deployed. Run: sagecraft up")
