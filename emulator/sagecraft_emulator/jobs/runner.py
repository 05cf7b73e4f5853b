"""Jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`."""

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from sagecraft_catalog import UnknownInstanceType, instance_size

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.docker import end_leftover_containers
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.container.removal import removal, remove_leftovers
from sagecraft_emulator.container.sandbox import kill_tree
from sagecraft_emulator.errors import EmulatorError, JobFailed, RecordMissing
from sagecraft_emulator.metrics.reader import MetricDatum
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .record import FAILURE_CHARACTERS, JobRecord
from .scheduler import Scheduler
from .work import EMULATOR_ENDED, JobContext, JobType, Members, MetricListener, job_directory

logger = logging.getLogger(__name__)

STOP_GRACE_SECONDS: Final = 120
_UNDER_WAY: Final = frozenset({"InProgress", "Stopping"})


@dataclass(slots=True)
class _Stop:
    """Whether a job is to stop. One that waits for cores takes little memory: thousands may.

    Attributes:
        wanted: Whether it is.
        told: Tells the job, once it runs.
    """

    wanted: bool = False
    told: threading.Event | None = None


class JobRunner:
    """Runs jobs as cores become free, in the order in which they came.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
        scheduler: Gives out cores.
        types: What is known of its kind, by the kind.
        stop_grace_seconds: From SIGTERM to SIGKILL.
    """

    def __init__(
        self,
        store: Store,
        machine: Machine,
        images: ImageRegistry,
        scheduler: Scheduler,
        types: Mapping[str, JobType],
        stop_grace_seconds: float = STOP_GRACE_SECONDS,
    ) -> None:
        self._store, self._machine, self._images, self._scheduler = store, machine, images, scheduler
        self._types, self._stop_grace_seconds = types, stop_grace_seconds
        self._stops: dict[RecordKey, _Stop] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._metric_listeners: list[MetricListener] = []
        # `recover` comes when requests are answered already, and may have begun other jobs.
        self._left = [record.key for kind in types for record in store.each(kind, statuses=_UNDER_WAY)]

    def on_metric(self, listener: MetricListener) -> None:
        """Calls a listener with each metric that a job reports on its way; it must return soon and not raise."""
        self._metric_listeners.append(listener)

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`, or has it wait for cores; returns at once."""
        stop = _Stop()
        with self._lock:
            self._stops[key] = stop
        record = self._store.get(key)
        if record.status == "Stopping":
            stop.wanted = True  # it was told to before it could be known here
        self._scheduler.submit(key, self._cores_wanted(record), partial(self._supervise, key, stop))

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
        with self._lock:
            stop = self._stops.get(key)
            if stop is None:
                return
            stop.wanted = True
            if stop.told is not None:
                stop.told.set()
        if self._scheduler.cancel(key):
            self._forget(key, stop)
            self._record(key).end("Stopped")

    def recover(self) -> None:
        """Marks what ran when an earlier emulator ended as failed, and ends what is left of it."""
        end_leftover_containers(self._machine.work_dir)
        for kind in self._types:
            remove_leftovers(self._machine.work_dir / kind)
        for key in self._left:
            with suppress(RecordMissing):  # all was reset meanwhile
                for process in self._store.get(key).body.get("_Processes", []):
                    kill_tree(process["pid"], process["start"])
                self._record(key).fail(EMULATOR_ENDED)
            removal.remove(job_directory(self._machine, key))

    def shutdown(self) -> None:
        """Ends all jobs; a job that had not ended becomes `Failed` with that reason."""
        self._closing.set()
        for key in self._scheduler.close():
            self._record(key).fail(EMULATOR_ENDED)
        self._stops.clear()
        removal.settle()

    def reset(self) -> None:
        """Ends all jobs at once, and takes further ones; the records are for others to remove."""
        closing, self._closing = self._closing, threading.Event()
        closing.set()
        self._scheduler.drop()

    def _supervise(self, key: RecordKey, stop: _Stop, cores: int) -> None:
        stopping = threading.Event()
        with self._lock:
            stop.told = stopping
            if stop.wanted:
                stopping.set()
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
                lambda: self._scheduler.release(key),
                lambda datum: self._tell_metric(key, datum),
            )
            self._types[key.kind].make(context).run()
        except JobFailed as error:
            self._fail(key, str(error))
        except EmulatorError as error:
            self._fail(key, f"ClientError: {error}")
        except Exception as error:
            logger.exception("The %s %s failed in the emulator", key.kind, key.name)
            self._fail(key, f"InternalServerError: {error}. The emulator's log has the traceback.")
        finally:
            self._machine.end_sessions(key)
            self._forget(key, stop)

    def _forget(self, key: RecordKey, stop: _Stop) -> None:
        """Forgets a job, but not another one of its name that came after it was deleted."""
        with self._lock:
            if self._stops.get(key) is stop:
                del self._stops[key]

    def _tell_metric(self, key: RecordKey, datum: MetricDatum) -> None:
        for listener in self._metric_listeners:
            listener(key, datum)

    def _fail(self, key: RecordKey, reason: str) -> None:
        self._record(key).fail(self._machine.explain(key, reason, FAILURE_CHARACTERS))

    def _record(self, key: RecordKey) -> JobRecord:
        return self._types[key.kind].record(self._store, key)

    def _cores_wanted(self, record: Record) -> int:
        """As many as the job's instances have, or as its `_Cores` says."""
        if "_Cores" in record.body:
            return int(record.body["_Cores"])
        return sum(map(_cores, self._types[record.key.kind].instances(record.body)))


def _cores(group: Members) -> int:
    count = int(group.get("InstanceCount", 1))
    try:
        return count * instance_size(group.get("InstanceType", "")).vcpus
    except UnknownInstanceType:
        return count
