"""The record of a job, as its work goes on."""

import logging
import time
from typing import Any, Final

from sagecraft_emulator.errors import InvalidTransition, RecordMissing
from sagecraft_emulator.state.store import RecordKey, Store

logger = logging.getLogger(__name__)

FAILURE_CHARACTERS: Final = 1024


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
