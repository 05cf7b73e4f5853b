"""The work of a job: what it is given, and what is declared of its kind."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.metrics.reader import MetricDatum
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .record import JobRecord

EMULATOR_ENDED: Final = "InternalServerError: the emulator ended while the job was running."

Members = Mapping[str, Any]


@dataclass(frozen=True)
class JobContext:
    """What a job is given that may run now.

    Attributes:
        record: As it was created.
        store: Where the record is.
        machine: What containers share.
        images: Finds the program of an image.
        cores: How many it may use, over all of its hosts.
        stopping: Set when it is to stop.
        closing: Set when the emulator ends.
        stop_grace_seconds: From SIGTERM to SIGKILL.
        release_cores: Gives its cores back before its end; for a job that starts no process any more.
        on_metric: Is told each metric that the job reports on its way.
    """

    record: Record
    store: Store
    machine: Machine
    images: ImageRegistry
    cores: int
    stopping: threading.Event
    closing: threading.Event
    stop_grace_seconds: float
    release_cores: Callable[[], None]
    on_metric: Callable[[MetricDatum], None]


class JobWork(Protocol):
    """The work of one job."""

    def run(self) -> None:
        """Goes through all of it, and ends the record.

        Raises:
            EmulatorError: The job has failed; the message is for the user.
        """


Make = Callable[[JobContext], JobWork]
MetricListener = Callable[[RecordKey, MetricDatum], None]
"""Is told which job reports a metric, and its value."""


def _one_core(body: Members) -> Sequence[Members]:
    del body
    return [{}]


def complete(store: Store, record: Record) -> None:
    """Ends a job as `Completed`, without results."""
    JobRecord(store, record.key).end("Completed")


@dataclass(frozen=True, kw_only=True)
class JobType:
    """What the runner knows of a kind of job.

    Attributes:
        make: Makes the work of a job.
        record: Writes into its record.
        instances: The groups of instances that a job's members ask for, each with `InstanceType` and `InstanceCount`.
        complete: Ends a new job as `Completed` without running it, under `execute="instant"`.
    """

    make: Make
    record: Callable[[Store, RecordKey], JobRecord] = JobRecord
    instances: Callable[[Members], Sequence[Members]] = _one_core
    complete: Callable[[Store, Record], None] = complete


def job_directory(machine: Machine, key: RecordKey) -> Path:
    """Where the sandboxes of a job are while it runs."""
    return machine.work_dir / key.kind / f"{key.account}-{key.region}-{key.name}"
