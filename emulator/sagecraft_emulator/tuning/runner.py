"""Tuning jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.errors import EmulatorError, RecordMissing
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.metrics.reader import MetricDatum
from sagecraft_emulator.noun.means import Call
from sagecraft_emulator.state.store import Record, RecordKey, Store

if TYPE_CHECKING:
    from .job import TuningJob

logger = logging.getLogger(__name__)

KIND: Final = "HyperParameterTuningJob"


class TuningRunner:
    """Runs tuning jobs in one thread, which sleeps until a training job ends or reports, or a time comes.

    Args:
        store: Where records are.
        call: Does operations of the service.
        cores: The machine's.
    """

    def __init__(self, store: Store, call: Call, cores: int) -> None:
        self._store, self._call, self._cores = store, call, cores
        self._jobs: dict[RecordKey, TuningJob] = {}
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="tuning", daemon=True)
        self._thread.start()
        store.on_change(self._changed)

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`; returns at once."""
        self._events.put(lambda: self._do(key, lambda: self._begin(key)))

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""

        def stop() -> None:
            if key in self._jobs:
                self._do(key, self._jobs[key].stop)

        self._events.put(stop)

    def recover(self) -> None:
        """Goes on with the tuning jobs of an earlier emulator. Its training jobs have ended as `Failed` before."""
        for record in self._store.find(KIND, statuses={"InProgress", "Stopping"}):
            self.start(record.key)

    def shutdown(self) -> None:
        """Does nothing more; tuning jobs that have not ended go on when the emulator is started again."""
        self._events.put(None)
        self._thread.join()

    def reset(self) -> None:
        """Forgets all tuning jobs, which make no further training job; the records are for others to remove."""
        forgotten = threading.Event()
        self._events.put(self._jobs.clear)
        self._events.put(forgotten.set)
        forgotten.wait()

    def metric(self, trial: RecordKey, datum: MetricDatum) -> None:
        """Hears of a metric that a training job reports; returns at once."""
        for key, job in list(self._jobs.items()):
            if job.watches(trial, datum.name):
                report = partial(job.report, trial, datum.value)
                self._events.put(partial(self._do, key, report))
                return

    def _changed(self, before: Record | None, after: Record) -> None:
        del before
        if after.key.kind == "TrainingJob" and after.status in ENDED and "TuningJobArn" in after.body:
            self._events.put(lambda: self._trial_ended(after))

    def _trial_ended(self, record: Record) -> None:
        for key, job in list(self._jobs.items()):
            if job.owns(record.key):
                self._do(key, partial(job.trial_ended, record))
                return

    def _begin(self, key: RecordKey) -> None:
        # Optuna takes a second to import, which an emulator that tunes nothing need not wait for.
        from .job import TuningJob  # noqa: PLC0415

        if key in self._jobs or self._store.get(key).status in ENDED:
            return
        job = self._jobs[key] = TuningJob(self._store, self._call, key, self._cores)
        job.begin()

    def _do(self, key: RecordKey, act: Callable[[], None]) -> None:
        """Has a job act; an error ends it alone."""
        try:
            act()
        except RecordMissing:
            self._jobs.pop(key, None)
            return
        except Exception as error:
            logger.exception("The tuning job %s failed in the emulator", key.name)
            prefix = "ClientError" if isinstance(error, EmulatorError) else "InternalServerError"
            JobRecord(self._store, key).fail(f"{prefix}: {error}")
            self._jobs.pop(key, None)
            return
        if key in self._jobs and self._jobs[key].is_over:
            del self._jobs[key]

    def _run(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=self._seconds_left())
            except Empty:
                for key, job in list(self._jobs.items()):
                    if job.deadline is not None and time.time() >= job.deadline:
                        self._do(key, job.pass_deadline)
                continue
            if event is None:
                return
            event()

    def _seconds_left(self) -> float | None:
        deadlines = [job.deadline for job in self._jobs.values() if job.deadline is not None]
        return max(0.0, min(deadlines) - time.time()) if deadlines else None
