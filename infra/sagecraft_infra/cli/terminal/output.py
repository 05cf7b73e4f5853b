"""What the commands write: results to standard output, everything else to standard error."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sagecraft_infra.inventory import Inventory, StackState
from sagecraft_infra.inventory.standing import EndpointState, NotebookInstanceState, TrainingJobState

# A file or a pipe has no width: names must not be broken there.
results: Final = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
notes: Final = Console(stderr=True, highlight=False, soft_wrap=True)

_GOOD: Final = ("COMPLETE", "Completed", "InService")
_NUMBERS: Final = frozenset({"Seconds", "Waited s", "Instances", "Objective", "Cores"})
_BAD: Final = ("FAILED", "Failed", "ROLLBACK")


def write_json(value: Any) -> None:
    """Writes a value as JSON; dataclasses become objects."""
    sys.stdout.write(json.dumps(value, indent=2, default=_plain) + "\n")


def note(text: str) -> None:
    """Writes a line about what happens, which is no result."""
    notes.print(Text(text))


def write_error(text: str) -> None:
    """Writes what went wrong."""
    notes.print(Text.assemble(("Error: ", "bold red"), text))


def write_inventory(inventory: Inventory, *, hints: bool) -> None:
    """Writes stacks, jobs, endpoints and notebook instances as tables.

    Args:
        inventory: What to write.
        hints: Whether to say how endpoints are invoked.
    """
    tables = [
        *([_stacks(inventory.stacks)] if inventory.stacks else []),
        *([_training_jobs(inventory.training_jobs)] if inventory.training_jobs else []),
        *([_endpoints(inventory.endpoints)] if inventory.endpoints else []),
        *([_notebook_instances(inventory.notebook_instances)] if inventory.notebook_instances else []),
    ]
    for number, table in enumerate(tables):
        results.print(*([""] if number else []), table, sep="\n")
    for outcome in filter(None, map(_outcome, inventory.training_jobs)):
        results.print("", outcome, sep="\n")
    if hints and inventory.endpoints:
        results.print()
        for endpoint in inventory.endpoints:
            results.print(Text.assemble("Ask it: ", (f"sagecraft invoke {endpoint.name} FILE.csv", "bold")))


def _stacks(states: Sequence[StackState]) -> Table:
    table = table_of("Stack", "Region", "Status")
    for stack in states:
        table.add_row(stack.name, stack.region, status_text(stack.status))
    return table


def _training_jobs(states: Sequence[TrainingJobState]) -> Table:
    table = table_of("Training job", "Status", "Seconds")
    for job in states:
        seconds = "" if job.seconds is None else f"{job.seconds:.1f}"
        table.add_row(job.name, status_text(job.status), seconds)
    return table


def _outcome(job: TrainingJobState) -> Text | None:
    """Why a job failed, else its final metrics; they are too wide for a column of their own."""
    if job.failure_reason is not None:
        return Text.assemble((job.name, "bold"), f"\n  {job.failure_reason}")
    if not job.metrics:
        return None
    metrics = "   ".join(f"{name}={value:.4g}" for name, value in job.metrics.items())
    return Text.assemble("Final metrics of ", (job.name, "bold"), f"\n{metrics}")


def _endpoints(states: Sequence[EndpointState]) -> Table:
    table = table_of("Endpoint", "Status", "Instances", "")
    for endpoint in states:
        reason = Text("" if endpoint.failure_reason is None else endpoint.failure_reason)
        table.add_row(endpoint.name, status_text(endpoint.status), str(endpoint.instances), reason)
    return table


def _notebook_instances(states: Sequence[NotebookInstanceState]) -> Table:
    table = table_of("Notebook instance", "Status", "Type")
    for notebook in states:
        table.add_row(notebook.name, status_text(notebook.status), notebook.instance_type)
    return table


def table_of(*columns: str) -> Table:
    """A table without lines; the names in its first column stay in one piece."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in _NUMBERS else "left"
        # A name is there to be copied, so it stays in one piece.
        table.add_column(column, overflow="fold", justify=justify, no_wrap=column == columns[0])
    return table


def status_text(status: str) -> Text:
    """A status, in the colour of what it means."""
    if any(part in status for part in _BAD):
        return Text(status, style="red")
    return Text(status, style="green" if any(part in status for part in _GOOD) else "yellow")


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
