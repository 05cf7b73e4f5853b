"""`sagecraft jobs`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from sagecraft_infra.cli.terminal.bill import bill_of, note_bill
from sagecraft_infra.cli.terminal.choices import choice
from sagecraft_infra.cli.terminal.options import (
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.errors import UserError
from sagecraft_infra.jobs.lookup import list_jobs, the_job
from sagecraft_infra.noun.job import ENDED, Job, JobKind
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.terminal.output import note, results, status_text, table_of, write_json

_STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting", "DeleteFailed")


def jobs(
    name: Annotated[str | None, typer.Argument(metavar="[JOB]", help="Show this job alone.")] = None,
    *,
    kind: Annotated[JobKind | None, choice(["--kind"], "Only jobs of this kind.", NOUNS.jobs)] = None,
    status: Annotated[str | None, typer.Option("--status", help=f"Only jobs that are {', '.join(_STATUSES)}.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = 20,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Watch a tuning job until it ends.")] = False,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """List training, tuning, transform, processing and AutoML jobs, the newest first.

    Below stands what all of the emulator's work would have cost on AWS.
    With --watch and a tuning job: its trials, the best so far and the objective over time, live.
    """
    if status is not None and status not in _STATUSES:
        raise UserError(f"--status: there is no status '{status}'. There are: {', '.join(_STATUSES)}.")
    if watch and (name is None or json):
        raise UserError("--watch shows one tuning job to people. Give its name, and no --json.")
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    if watch and name is not None:
        _watch(chosen, name)
        return
    kinds = NOUNS.jobs if kind is None else (kind,)
    if name is None:
        found = list_jobs(chosen, chosen.region, kinds=kinds, status=status, limit=limit)
    else:
        found = [the_job(chosen, chosen.region, name, kinds)]
    if json:
        now = datetime.now(UTC)
        write_json([job.summary(now) for job in found])
        return
    if not found:
        note(f"There are no such jobs in {chosen.region}.")
        return
    write_jobs(found)
    note_bill(bill_of(chosen))


def _watch(target: Target, name: str) -> None:
    watched = the_job(target, target.region, name, [kind for kind in NOUNS.jobs if kind.watch is not None])
    if watched.kind.watch is not None:
        watched.kind.watch(target, target.region, name)


def write_jobs(found: Sequence[Job]) -> None:
    """Writes jobs as a table, and why those failed that did."""
    now = datetime.now(UTC)
    table = table_of("Job", "Kind", "Status", "Waited s", "Started", "Seconds", "Objective")
    reasons: list[tuple[str, str]] = []
    for summary in (job.summary(now) for job in found):
        table.add_row(summary["name"], summary["kind"], _status(summary), *_numbers(summary))
        if summary["failure_reason"] is not None:
            reasons.append((summary["name"], summary["failure_reason"]))
    _print(table, reasons)


def _status(summary: dict[str, Any]) -> Text:
    shown = status_text(summary["status"])
    secondary = summary["secondary_status"]
    if summary["status"] not in ENDED and secondary not in {None, summary["status"]}:
        shown.append(f" ({secondary})")
    return shown


def _numbers(summary: dict[str, Any]) -> tuple[str, ...]:
    started = summary["started"]
    moment = "" if started is None else datetime.fromisoformat(started).astimezone().strftime("%m-%d %H:%M:%S")
    waited, seconds = (
        "" if value is None else f"{value:.1f}" for value in (summary["queue_seconds"], summary["seconds"])
    )
    objective = "" if summary["objective"] is None else f"{summary['objective']:.6g}"
    return waited, moment, seconds, objective


def _print(table: Table, reasons: Sequence[tuple[str, str]]) -> None:
    results.print(table)
    for name, reason in reasons:
        results.print("", Text.assemble((name, "bold"), f"\n  {reason}"), sep="\n")
