"""The record of a training job, as its work goes on.

The secondary statuses, their messages and their order are those of `SecondaryStatusTransitions` in the SageMaker API
reference.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record

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

        def changes(present: Record) -> dict[str, Any]:
            transitions = list(present.body["SecondaryStatusTransitions"])
            if transitions[-1]["Status"] != secondary:
                transitions[-1] = {**transitions[-1], "EndTime": now}
                transitions.append(
                    {
                        "Status": secondary,
                        "StartTime": now,
                        "StatusMessage": MESSAGES[secondary] if message is None else message,
                    }
                )
            times = {}
            if status in ENDED:
                transitions[-1] = {**transitions[-1], "EndTime": now}
                times = _times(present.body, now)
            return {**body, **times, "SecondaryStatus": secondary, "SecondaryStatusTransitions": transitions}

        self._store.update(self.key, status=status, body=changes)

    def _end(self, status: str, **body: Any) -> None:
        """Ends the job with the secondary status of the same name."""
        self.move(status, status=status, **body, _Processes=None)


def _times(body: Mapping[str, Any], end: float) -> dict[str, Any]:
    begin = body.get("TrainingStartTime")
    if begin is None:
        return {}
    seconds = max(1, round(end - begin))
    billable = body.get("BillableTimeInSeconds", seconds)
    return {"TrainingEndTime": end, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": billable}
