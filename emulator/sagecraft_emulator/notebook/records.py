"""Notebook instances that are records alone: time moves them on, and nothing opens."""

import time
from contextlib import suppress
from threading import Event, Thread
from typing import Final

from sagecraft_emulator.errors import InvalidTransition, RecordMissing, not_done
from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey, Store

TRANSITION_SECONDS: Final = 1.0
SETTLES: Final = {"Pending": "InService", "InMaintenance": "InService", "Stopping": "Stopped", "Updating": "Stopped"}
_KIND: Final = "NotebookInstance"


class RecordedInstances:
    """Moves the records of notebook instances on, whether or not anybody looks at them.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = Event()
        self._stopped = False
        self._thread = Thread(target=self._run, name="notebook-records", daemon=True)

    def begin(self) -> None:
        """Begins, also with instances of an earlier emulator."""
        self._thread.start()

    def end(self) -> None:
        """Ends; instances stay as they are."""
        self._stopped = True
        self._changed.set()
        self._thread.join()

    def start(self, key: RecordKey) -> None:
        """As `NotebookInstances` says."""
        del key
        self._changed.set()

    stop = update = start

    def delete(self, key: RecordKey) -> None:
        """As `NotebookInstances` says."""
        self._store.delete(key)

    def present(self, record: Record) -> Record:
        """As `NotebookInstances` says."""
        following = SETTLES.get(record.status or "")
        if following is None or time.time() < record.modified + TRANSITION_SECONDS:
            return record
        try:
            return self._store.update(record.key, status=following, present_status=record.status)
        except InvalidTransition:
            return self._store.get(record.key)

    def open(self, record: Record, session_seconds: int, may_go_on: MayGoOn) -> str:
        """Refuses: there is nothing that could be opened.

        Raises:
            ApiError: Always.
        """
        del session_seconds, may_go_on
        raise not_done(
            f"Notebook instance '{record.key.name}' cannot be opened: notebook instances are records alone here, "
            "without a JupyterLab behind them. Start Sagecraft's own emulator with execute 'real' and notebooks 'open'."
        )

    def _run(self) -> None:
        while not self._stopped:
            self._changed.clear()
            moving = self._store.find(_KIND, statuses=SETTLES)
            settled = []
            for record in moving:
                with suppress(RecordMissing):  # settled by another thread, and deleted since
                    settled.append(self.present(record))
            due = [each.modified + TRANSITION_SECONDS - time.time() for each in settled if each.status in SETTLES]
            self._changed.wait(max(0.0, min(due)) if due else None)
