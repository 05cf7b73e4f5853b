"""`execute="instant"`: jobs are complete and endpoints in service at once, and nothing runs.

For tests of wiring, where it matters that a job is asked for and not what comes of it. Every record says so: by the tag
`sagecraft:execute`, and in words wherever its kind has a member for them. Nothing is read and nothing is written, so
`S3ModelArtifacts` names the place where a run would have left the model, with no object there; no metric has a value,
and a tuning job has launched no training job and has no best one.
"""

from collections.abc import Mapping
from typing import Final

from sagecraft_emulator.state.store import Record, RecordKey, Store

from .record import JobRecord
from .work import JobType, complete

TAG: Final = "sagecraft:execute"
INSTANT: Final = "instant"
MESSAGE: Final = (
    "Completed without running: the emulator's execute is 'instant'. Nothing was read or written, and there is no "
    "model, output or metric."
)


class InstantJobs:
    """Completes jobs of every kind as they are created.

    Args:
        store: Where their records are.
        types: What is known of a kind of job, by the kind; one that is not in it leaves no results.
    """

    def __init__(self, store: Store, types: Mapping[str, JobType]) -> None:
        self._store, self._types = store, types

    def start(self, key: RecordKey) -> None:
        """Completes the job of a record that is `InProgress`."""
        record = self._store.get(key)
        mark_instant(self._store, record)
        job_type = self._types.get(key.kind)
        (complete if job_type is None else job_type.complete)(self._store, record)

    def stop(self, key: RecordKey) -> None:
        """Ends a job that an emulator which runs jobs has left `Stopping`."""
        job_type = self._types.get(key.kind)
        (JobRecord if job_type is None else job_type.record)(self._store, key).end("Stopped")


def mark_instant(store: Store, record: Record) -> None:
    """Says in the tags of a record that nothing runs behind it."""
    store.set_tags(record.arn, {TAG: INSTANT})
