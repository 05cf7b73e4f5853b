"""What a record keeps of the jobs that an AutoML job consists of."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record, RecordKey, Store

PARTS: Final = "_Parts"
"""In the record: `{step: {"Kind": …, "Name": …, "Attempt": …}}`, the jobs that do its work."""
STEP: Final = "_Step"
"""In the record: the step that it is at."""
CANDIDATES: Final = "_Candidates"
"""In the record: the candidates, once they are known; of a search they are read from its training jobs before."""
RESOLVED: Final = "_Resolved"
"""In the record: the problem and the objective, once the analysis has found them or was told."""
_WAITING: Final = {"ProcessingJob": "ProcessingStartTime", "TrainingJob": "TrainingStartTime"}
_ENDPOINT_READY: Final = frozenset({"InService", "Failed"})


def is_part(record: Record) -> bool:
    """Whether a record may be a part of an AutoML job, and has ended."""
    if record.key.kind == "Endpoint":
        return record.status in _ENDPOINT_READY
    return record.key.kind in {"HyperParameterTuningJob", "ProcessingJob", "TrainingJob"} and record.status in ENDED


def waited_seconds(part: Record) -> float:
    """How long a job has waited for cores of this machine, for which nobody waits on AWS."""
    if part.key.kind not in _WAITING:
        return 0.0
    began = part.body.get(_WAITING[part.key.kind])
    if began is None:
        began = part.created if part.status in ENDED else time.time()
    return max(0.0, began - part.created)


def was_made(store: Store, job: RecordKey, operation: str, request: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether what a request would create is there and a job's own: an emulator that ended has made it.

    Args:
        store: Where records are.
        job: The job.
        operation: Such as `CreateModel`.
        request: What it is asked for.
        own: What the records of the job's parts have besides.
    """
    kind = operation.removeprefix("Create")
    with suppress(RecordMissing):
        body = store.get(job._replace(kind=kind, name=request[f"{kind}Name"])).body
        return all(body.get(name) == value for name, value in own.items())
    return False
