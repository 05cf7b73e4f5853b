"""Jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`."""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from sagecraft_catalog import UnknownInstanceType, instance_size

from sagecraft_emulator.api.errors import EmulatorError
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.docker import end_leftover_containers
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.container.sandbox import kill_tree
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .failure import JobFailed
from .metrics import MetricDatum
from .record import FAILURE_CHARACTERS, job_record
from .scheduler import Scheduler

logger = logging.getLogger(__name__)

STOP_GRACE_SECONDS: Final = 120
EMULATOR_ENDED: Final = "InternalServerError: the emulator ended while the job was running."


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


class JobRunner:
    """Runs jobs as cores become free, in the order in which they came.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
        scheduler: Gives out cores.
        makers: Makes the work of a job, by its kind.
        stop_grace_seconds: From SIGTERM to SIGKILL.
    """

    def __init__(
        self,
        store: Store,
        machine: Machine,
        images: ImageRegistry,
        scheduler: Scheduler,
        makers: Mapping[str, Make],
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
    ) -> None:
        self._store, self._machine, self._images, self._scheduler = store, machine, images, scheduler
        self._makers, self._stop_grace_seconds = makers, stop_grace_seconds
        self._stopping: dict[RecordKey, threading.Event] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._metric_listeners: list[MetricListener] = []

    def on_metric(self, listener: MetricListener) -> None:
        """Calls a listener with each metric that a job reports on its way; it must return soon and not raise."""
        self._metric_listeners.append(listener)

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`, or has it wait for cores; returns at once."""
        stopping = threading.Event()
        with self._lock:
            self._stopping[key] = stopping
        record = self._store.get(key)
        if record.status == "Stopping":
            stopping.set()  # it was told to before it could be known here
        self._scheduler.submit(key, cores_wanted(record), lambda granted: self._supervise(key, granted, stopping))

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
        stopping = self._stopping.get(key)
        if stopping is None:
            return
        stopping.set()
        if self._scheduler.cancel(key):
            self._forget(key, stopping)
            job_record(self._store, key).end("Stopped")

    def recover(self) -> None:
        """Marks what ran when an earlier emulator ended as failed, and ends what is left of it."""
        end_leftover_containers(self._machine.work_dir)
        for kind in self._makers:
            for record in self._store.find(kind, statuses={"InProgress", "Stopping"}):
                if record.key in self._stopping:
                    continue  # began after this emulator did
                for process in record.body.get("_Processes", []):
                    kill_tree(process["pid"], process["started"])
                job_record(self._store, record.key).fail(EMULATOR_ENDED)
                shutil.rmtree(job_directory(self._machine, record.key), ignore_errors=True)

    def shutdown(self) -> None:
        """Ends all jobs; a job that had not ended becomes `Failed` with that reason."""
        self._closing.set()
        for key in self._scheduler.close():
            job_record(self._store, key).fail(EMULATOR_ENDED)
        self._stopping.clear()

    def _supervise(self, key: RecordKey, cores: int, stopping: threading.Event) -> None:
        try:
            record = self._store.get(key)
            context = JobContext(
                record,
                self._store,
                self._machine.as_role(key, record.body.get("RoleArn")),
                self._images,
                cores,
                stopping,
                self._closing,
                self._stop_grace_seconds,
                lambda datum: self._tell_metric(key, datum),
            )
            self._makers[key.kind](context).run()
        except JobFailed as error:
            self._fail(key, str(error))
        except EmulatorError as error:
            self._fail(key, f"ClientError: {error}")
        except Exception as error:
            logger.exception("The %s %s failed in the emulator", key.kind, key.name)
            self._fail(key, f"InternalServerError: {error}. The emulator's log has the traceback.")
        finally:
            self._forget(key, stopping)

    def _forget(self, key: RecordKey, stopping: threading.Event) -> None:
        """Forgets a job, but not another one of its name that came after it was deleted."""
        with self._lock:
            if self._stopping.get(key) is stopping:
                del self._stopping[key]

    def _tell_metric(self, key: RecordKey, datum: MetricDatum) -> None:
        for listener in self._metric_listeners:
            listener(key, datum)

    def _fail(self, key: RecordKey, reason: str) -> None:
        job_record(self._store, key).fail(self._machine.explain(key, reason, FAILURE_CHARACTERS))


def job_directory(machine: Machine, key: RecordKey) -> Path:
    """Where the sandboxes of a job are while it runs."""
    return machine.work_dir / key.kind / f"{key.account}-{key.region}-{key.name}"


def cores_wanted(record: Record) -> int:
    """As many as the job's instances have, or as its `_Cores` says."""
    body = record.body
    if "_Cores" in body:
        return int(body["_Cores"])
    resources: Mapping[str, Any] = (
        body.get("ResourceConfig")
        or body.get("TransformResources")
        or body.get("ProcessingResources", {}).get("ClusterConfig")
        or {}
    )
    return sum(map(_cores, resources.get("InstanceGroups") or [resources]))


def _cores(resources: Mapping[str, Any]) -> int:
    count = int(resources.get("InstanceCount", 1))
    try:
        return count * instance_size(resources.get("InstanceType", "")).vcpus
    except UnknownInstanceType:
        return count
