"""`sagecraft run`."""

import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import EndpointUrlOption, PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.errors import Interrupted, WorkFailed
from sagecraft_infra.jobs.declared import find_declared_job
from sagecraft_infra.jobs.log import FOLLOW_SECONDS, WorkLog
from sagecraft_infra.jobs.lookup import the_job
from sagecraft_infra.noun.job import Job
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import note

from .log_lines import write_log


def run_job(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A declared job: its construct path, or the path's last element.")
    ],
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Write the job's name, and do not wait for it.")] = False,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Run a job that a deployed stack declares to be run by hand.

    Follows its log, or a tuning job's trials, until it ends. Exit code 3 if it fails or is stopped.
    """
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    job = find_declared_job(chosen, chosen.region, name, NOUNS.jobs).run(chosen, chosen.region, datetime.now(UTC))
    if no_wait:
        sys.stdout.write(f"{job.name}\n")
        return
    note(f"Started the {job.kind} job {job.name}")
    try:
        ended = _follow(chosen, job)
    except KeyboardInterrupt as error:
        raise Interrupted(f"The job goes on. Stop it with: sagecraft stop {job.name}") from error
    if ended.status != "Completed":
        reason = ended.description.get("FailureReason")
        raise WorkFailed(f"The {job.kind} job {job.name} is {ended.status}{'.' if reason is None else f': {reason}'}")
    note(f"The {job.kind} job {job.name} is Completed.")


def _follow(target: Target, job: Job) -> Job:
    if job.kind.watch is not None:
        return job.kind.watch(target, target.region, job.name)
    write_log(WorkLog.of_job(target, target.region, job), follow=True)
    # A reader of the log, such as head, may have had enough of it before the job ended.
    while not (now := the_job(target, target.region, job.name, (job.kind,))).has_ended:
        time.sleep(FOLLOW_SECONDS)
    return now
