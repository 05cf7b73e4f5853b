"""Training jobs: from a record that is `InProgress` to one that is `Completed`, `Failed` or `Stopped`."""

import logging
import os
import shutil
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.store import RecordKey, Store

from .container import Machine, RoleError
from .docker import end_leftover_containers
from .images import ImageRegistry
from .job_failure import JobFailed
from .job_record import JobRecord
from .sandbox import kill_tree
from .storage import StorageError
from .training_job import EMULATOR_ENDED, TrainingJob, job_directory

logger = logging.getLogger(__name__)

STOP_GRACE_SECONDS: Final = 120


@dataclass
class _Run:
    """What the emulator holds of a job that has not ended."""

    stopping: threading.Event = field(default_factory=threading.Event)
    future: "Future[None] | None" = None


class TrainingRunner:
    """Runs training jobs, at most one per core at a time, in the order in which they came.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
        stop_grace_seconds: From SIGTERM to SIGKILL.
    """

    def __init__(
        self, store: Store, machine: Machine, images: ImageRegistry, stop_grace_seconds: float = STOP_GRACE_SECONDS
    ) -> None:
        self._store, self._machine, self._images = store, machine, images
        self._stop_grace_seconds = stop_grace_seconds
        self._runs: dict[RecordKey, _Run] = {}
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="training")

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`; returns at once."""
        run = self._runs[key] = _Run()
        run.future = self._workers.submit(self._supervise, key, run)

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
        run = self._runs.get(key)
        if run is None:
            return
        run.stopping.set()
        if run.future is not None and run.future.cancel():
            self._runs.pop(key, None)
            JobRecord(self._store, key).move("Stopped", status="Stopped")

    def recover(self) -> None:
        """Marks what ran when an earlier emulator ended as failed, and ends what is left of it."""
        end_leftover_containers(self._machine.work_dir)
        for record in self._store.find("TrainingJob", statuses={"InProgress", "Stopping"}):
            if record.key in self._runs:
                continue  # began after this emulator did
            if process := record.body.get("_Process"):
                kill_tree(process["pid"], process["started"])
            JobRecord(self._store, record.key).fail(EMULATOR_ENDED)
            shutil.rmtree(job_directory(self._machine, record.key), ignore_errors=True)

    def shutdown(self) -> None:
        """Ends all jobs; a job that had not ended becomes `Failed` with that reason."""
        self._closing.set()
        self._workers.shutdown(wait=True, cancel_futures=True)
        for key in list(self._runs):
            JobRecord(self._store, key).fail(EMULATOR_ENDED)
        self._runs.clear()

    def _supervise(self, key: RecordKey, run: _Run) -> None:
        job = JobRecord(self._store, key)
        try:
            TrainingJob(
                self._store.get(key),
                job,
                self._machine,
                self._images,
                stopping=run.stopping,
                closing=self._closing,
                stop_grace_seconds=self._stop_grace_seconds,
            ).run()
        except (JobFailed, RoleError, StorageError) as error:
            job.fail(str(error))
        except EmulatorError as error:
            job.fail(f"ClientError: {error}")
        except Exception as error:
            logger.exception("The training job %s failed in the emulator", key.name)
            job.fail(f"InternalServerError: {error}. The emulator's log has the traceback.")
        finally:
            self._runs.pop(key, None)
