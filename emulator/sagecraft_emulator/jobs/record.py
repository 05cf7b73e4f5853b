"""The record of a job, as its work goes on.

The secondary statuses of a training job, their messages and their order are those of `SecondaryStatusTransitions` in
the SageMaker API reference.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.errors import InvalidTransition, RecordMissing
from sagecraft_emulator.api.states import TERMINAL
from sagecraft_emulator.state.store import RecordKey, Store

logger = logging.getLogger(__name__)

FAILURE_CHARACTERS: Final = 1024
MESSAGES: Final[Mapping[str, str]] = {
    "Starting": "Preparing the instances for training",
    "Interrupted": "Training job interrupted: its managed spot instances were taken away",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job waited longer than MaxWaitTimeInSeconds provided",
}


class JobRecord:
    """The record of one job.

    Args:
        store: Where it is.
        key: What names it.
    """

    def __init__(self, store: Store, key: RecordKey) -> None:
        self._store, self.key = store, key

    def set(self, **body: Any) -> None:
        """Sets members; a member that is None is removed."""
        self._store.update(self.key, body=body)

    def end(self, status: str, **body: Any) -> None:
        """Ends the job as `Completed`, `Failed` or `Stopped`; sets members besides.

        A job that was told to stop when all that was left was to say that it is complete has stopped.
        """
        try:
            self._end(status, **body)
        except InvalidTransition:
            if status != "Completed" or self._store.get(self.key).status != "Stopping":
                raise
            self._end("Stopped", **body)

    def _end(self, status: str, **body: Any) -> None:
        time_member = self.key.kind.removesuffix("Job") + "EndTime"
        self._store.update(self.key, status=status, body={time_member: time.time(), **body, "_Processes": None})

    def fail(self, reason: str) -> None:
        """Ends the job as `Failed`, for a reason of which the first 1,024 characters are kept."""
        try:
            self.end("Failed", FailureReason=reason[:FAILURE_CHARACTERS])
        except (RecordMissing, InvalidTransition):
            logger.exception("The %s %s could not be marked as failed", self.key.kind, self.key.name)


class TrainingJobRecord(JobRecord):
    """The record of one training job, which has secondary statuses."""

    def move(self, secondary: str, *, status: str | None = None, message: str | None = None, **body: Any) -> None:
        """Takes the job to its next secondary status, and to a status where that is given; sets members besides.

        Args:
            secondary: The secondary status.
            status: The status, where it changes.
            message: What is said of the transition; the words of the API reference when left out.
            body: Members to set.
        """
        now = time.time()
        present = self._store.get(self.key).body
        transitions = list(present["SecondaryStatusTransitions"])
        if transitions[-1]["Status"] != secondary:
            transitions[-1] = {**transitions[-1], "EndTime": now}
            transitions.append(
                {
                    "Status": secondary,
                    "StartTime": now,
                    "StatusMessage": MESSAGES[secondary] if message is None else message,
                }
            )
        if status in TERMINAL["TrainingJob"]:
            transitions[-1] = {**transitions[-1], "EndTime": now}
            body |= _times(present, now)
        body |= {"SecondaryStatus": secondary, "SecondaryStatusTransitions": transitions}
        self._store.update(self.key, status=status, body=body)

    def _end(self, status: str, **body: Any) -> None:
        """Ends the job with the secondary status of the same name."""
        self.move(status, status=status, **body, _Processes=None)


def job_record(store: Store, key: RecordKey) -> JobRecord:
    """The record of a job of any kind."""
    return TrainingJobRecord(store, key) if key.kind == "TrainingJob" else JobRecord(store, key)


def _times(body: Mapping[str, Any], end: float) -> dict[str, Any]:
    begin = body.get("TrainingStartTime")
    if begin is None:
        return {}
    seconds = max(1, round(end - begin))
    billable = body.get("BillableTimeInSeconds", seconds)
    return {"TrainingEndTime": end, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": billable}
