"""Sends an event for each change of a record, in the order of the changes, and without holding up who makes them."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from sagecraft_emulator.state.store import Record, Store

from .event import Event
from .status import StateChange, status_event

logger = logging.getLogger(__name__)

END_SECONDS: Final = 10.0


class EventSender:
    """Listens to a store. Events wait until `start`, and a failure to send one is logged and holds up no other.

    Args:
        store: Whose changes are sent.
        describe: What Describe answers for a record.
        put: Takes an event to where rules are matched; it may block.
        changes: What is told, by kind; of other kinds nothing is.
    """

    def __init__(
        self,
        store: Store,
        describe: Callable[[Record], dict[str, Any]],
        put: Callable[[Event], None],
        changes: Mapping[str, StateChange],
    ) -> None:
        self._kinds = changes
        self._store = store
        self._describe = describe
        self._put = put
        self._changes: SimpleQueue[tuple[Record | None, Record, dict[str, str]] | None] = SimpleQueue()
        self._thread = Thread(target=self._send_all, name="send-events", daemon=True)
        store.on_change(self._changed)
        store.on_delete(self._deleted)

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when all events of changes before are sent, or when that takes too long."""
        self._changes.put(None)
        self._thread.join(END_SECONDS)
        if self._thread.is_alive():
            logger.error("About %d events were not sent within %.0f s.", self._changes.qsize(), END_SECONDS)

    def _changed(self, before: Record | None, after: Record) -> None:
        if after.key.kind in self._kinds:
            self._changes.put((before, after, self._store.tags(after.arn)))

    def _deleted(self, record: Record, tags: dict[str, str]) -> None:
        if (change := self._kinds.get(record.key.kind)) is not None and change.when_deleted:
            self._changes.put((None, replace(record, modified=time.time()), tags))

    def _send_all(self) -> None:
        while (change := self._changes.get()) is not None:
            before, record, tags = change
            try:
                self._put(status_event(self._kinds[record.key.kind], before, record, self._describe, tags))
            except Exception:
                logger.exception("The event of %s, %s, was not sent.", record.arn, record.status)
