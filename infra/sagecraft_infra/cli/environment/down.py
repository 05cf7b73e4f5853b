"""`sagecraft down`."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings

from sagecraft_infra.cli.money.leftovers import look, short_form
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
from sagecraft_infra.deployment.destruction import delete_bootstrap, delete_other_stacks
from sagecraft_infra.deployment.leftovers import left_buckets, running_jobs, served, stop_jobs
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.errors import UserError
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import note, write_json


def down(
    *,
    target: TargetOption = TargetName.LOCAL,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="On AWS: do not ask before destroying.")] = False,
    keep_emulator: Annotated[bool, typer.Option("--keep-emulator", help="Leave the emulator running.")] = False,
    app: AppOption = None,
    environment: EnvironmentOption = None,
    endpoint_url: EndpointUrlOption = None,
    emulator: EmulatorOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Destroy what `up` deployed, then stop the project's emulator; one at --endpoint-url runs on.

    Jobs that run are stopped before what they write to is destroyed, and told.
    With --environment, only the stacks of that environment are destroyed, and the emulator runs on.
    """
    chosen = target_of(
        target, port, state_dir, app, environment=environment, endpoint_url=endpoint_url, emulator=emulator
    )
    if not chosen.is_local:
        _down_on_aws(chosen, yes=yes, json=json)
        return
    external = chosen.project.external
    if external is not None:
        destroyed = _down_locally(chosen, ours=False, json=json)
        if json:
            write_json({"destroyed": destroyed, "ended": [], "kept_buckets": [], "emulator_stopped": False})
        else:
            note(f"{external.name} at {external.endpoint_url} runs on, with what bootstrapping made.")
        return
    settings = chosen.project.settings
    if server.health(settings) is None:
        # An emulator that hangs, or whose containers outlived it.
        stopped = server.stop(settings)
        if json:
            write_json({"destroyed": [], "ended": [], "kept_buckets": [], "emulator_stopped": stopped})
        else:
            note(f"No emulator answers on {settings.endpoint_url}; there is nothing to destroy.")
        return
    ours = emulator_process.is_ours(settings)
    empties = ours and environment is None
    assembly = chosen.read_assembly() if (chosen.project.assembly_dir / "manifest.json").is_file() else None
    regions = list(dict.fromkeys([chosen.region, *(stack.region for stack in (assembly.stacks if assembly else ()))]))
    ended = _stop_jobs(chosen, regions, json=json) if empties else []
    destroyed = _down_locally(chosen, ours=empties, json=json)
    kept = left_buckets(chosen, regions) if empties else {}
    stops = empties and not keep_emulator
    served_beside = list(served(chosen, regions, NOUNS)) if stops else []
    for each in () if json else served_beside:
        note(f"Stopping {each} with the emulator; no stack has it.")
    stopped = stops and server.stop(settings)
    if json:
        told = {
            "destroyed": destroyed,
            "ended": [*ended, *served_beside],
            "kept_buckets": list(kept),
            "emulator_stopped": stopped,
        }
        write_json(told)
        return
    for bucket, reason in kept.items():
        note(f"Bucket {bucket} stays in the emulator's state: {reason}")
    note(_emulator_afterwards(settings, stopped=stopped, ours=ours, environment=environment))


def _stop_jobs(target: Target, regions: Sequence[str], *, json: bool) -> list[str]:
    """Stops the jobs that run; what was stopped."""
    running = running_jobs(target, regions, NOUNS)
    told = [f"{job.kind.api.words} {job.name}" for _, job in running]
    for job in () if json else told:
        note(f"Stopping {job}, which still runs.")
    stop_jobs(target, running)
    return told


def _emulator_afterwards(settings: EmulatorSettings, *, stopped: bool, ours: bool, environment: str | None) -> str:
    if stopped:
        return "Stopped the emulator."
    if environment is not None:
        return f"The emulator on {settings.endpoint_url} runs on, with what is not of the environment {environment}."
    if not ours:
        return f"The emulator on {settings.endpoint_url} keeps its state elsewhere; it runs on."
    return f"The emulator on {settings.endpoint_url} runs on."


def _down_locally(target: Target, *, ours: bool, json: bool) -> list[str]:
    """Destroys the app's stacks and, on the project's own emulator, whatever else stands there."""
    project = target.project
    destroyed: list[str] = []
    with Progress(quiet=json) as progress:
        deployment = Deployment(target, progress)
        synthesized = (project.assembly_dir / "manifest.json").is_file()
        if project.app_environment is not None or (project.external is not None and not synthesized):
            # What was synthesized last may be another environment; and an emulator of somebody else's is not emptied.
            assembly = deployment.synthesize()
        elif synthesized:
            assembly = target.read_assembly()
            progress.assembly(assembly)
        else:
            assembly = None
        if assembly is not None:
            deployment.settle(assembly)
            deployment.destroy(assembly)
            destroyed = [stack.name for stack in assembly.stacks]
        if not ours:
            return destroyed
        progress.step("Deleting what else stands, and what bootstrapping made")
        everywhere = target.regions()
        destroyed += delete_other_stacks(target, everywhere)
        delete_bootstrap(target, everywhere)
    return destroyed


def _down_on_aws(target: Target, *, yes: bool, json: bool) -> None:
    with Progress(quiet=json) as progress:
        deployment = Deployment(target, progress)
        assembly = deployment.synthesize()
    names = [stack.name for stack in assembly.stacks]
    if not yes:
        if json:
            raise UserError("Destroying on AWS asks first. Give --yes to do without.")
        if not typer.confirm(f"Destroy {', '.join(names)} on AWS?", err=True):
            raise UserError("Nothing was destroyed.")
    with Progress(quiet=json) as progress:
        deployment.watcher = progress
        deployment.settle(assembly)
        deployment.destroy(assembly)
    found, _ = look(target)
    if json:
        write_json({"destroyed": names, "left": [each.as_json() for each in found]})
    elif (left := short_form(found)) is not None:
        note(left)
