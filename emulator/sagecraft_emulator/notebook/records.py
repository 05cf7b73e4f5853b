"""Moves notebook instances on as time passes, whether or not anybody looks at them."""

import time
from threading import Event, Thread

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, Store

from .instance import SETTLES, TRANSITION_SECONDS, settle


class NotebookClock:
    """Settles the notebook instances of a store.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = Event()
        self._stopped = False
        self._thread = Thread(target=self._run, name="notebook-clock", daemon=True)
        store.on_change(self._listen)

    def start(self) -> None:
        """Begins, also with instances of an earlier emulator."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; instances stay as they are."""
        self._stopped = True
        self._changed.set()
        self._thread.join()

    def _listen(self, before: Record | None, after: Record) -> None:
        del before
        if after.key.kind == "NotebookInstance" and after.status in SETTLES:
            self._changed.set()

    def _run(self) -> None:
        while not self._stopped:
            self._changed.clear()
            moving = self._store.find("NotebookInstance", statuses=SETTLES)
            try:
                settled = [settle(self._store, record) for record in moving]
            except RecordMissing:  # settled by another thread, and deleted since
                continue
            due = [record.modified + TRANSITION_SECONDS - time.time() for record in settled if record.status in SETTLES]
            self._changed.wait(max(0.0, min(due)) if due else None)
