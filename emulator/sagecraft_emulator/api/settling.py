"""Resources that are made, changed and deleted in a while: their statuses are moved on as time passes."""

import time
from collections.abc import Collection, Mapping, Sequence
from threading import Event, Thread
from typing import Any, Final

from sagecraft_emulator.errors import InvalidTransition, RecordMissing, validation_error
from sagecraft_emulator.state.store import Changes, Record, Store

from .caller import Caller
from .kind import ResourceKind

TRANSITION_SECONDS: Final = 0.2


class SettlingKind(ResourceKind):
    """A kind of resource whose operations begin something that ends by itself."""

    settles: Mapping[str, str | None] = {"Pending": "InService", "Updating": "InService", "Deleting": None}
    """Which status follows another in a while; None where the resource is gone then."""

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return "Status"

    def record(self, caller: Caller, name: str) -> Record:
        """The record of a resource, moved on to where time has brought it."""
        record = self.settle(super().record(caller, name))
        if record is None:
            raise self.missing(name, caller.arn(self.arn_type, name))
        return record

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the resources that pass the request's filters."""
        for record in self.store.find(self.kind, caller.account, caller.region, statuses=self.settles):
            self.settle(record)
        return super().list(caller, request)

    def settle(self, record: Record) -> Record | None:
        """Moves a resource on to where time has brought it; None where it is gone."""
        status = record.status or ""
        if status not in self.settles or time.time() < self.due(record):
            return record
        following = self.settles[status]
        try:
            if following is not None:
                return self.store.update(record.key, status=following, present_status=record.status)
            self.end(record)
        except InvalidTransition:
            return self.store.get(record.key)
        except RecordMissing:
            return None
        return None

    def due(self, record: Record) -> float:
        """When a resource is moved on, in epoch seconds."""
        return record.modified + TRANSITION_SECONDS

    def move(self, record: Record, present: Collection[str], following: str, body: Changes | None = None) -> None:
        """Begins what ends by itself, of a resource that is in one of some statuses.

        Raises:
            ApiError: It is in another.
        """
        try:
            if record.status in present:
                self.store.update(record.key, status=following, body=body, present_status=record.status)
                return
        except InvalidTransition:
            record = self.store.get(record.key)
        raise validation_error(
            f"Status ({record.status}) not in ([{', '.join(sorted(present))}]). Unable to transition to ({following}) "
            f"for {self.kind} ({record.arn})."
        )

    def end(self, record: Record) -> None:
        """Removes a resource at the end of its deletion."""
        self.store.delete(record.key)


class SettlingClock:
    """Moves resources on, whether or not anybody looks at them.

    Args:
        store: Where they are.
        kinds: Of what.
    """

    def __init__(self, store: Store, kinds: Sequence[SettlingKind]) -> None:
        self._store = store
        self._kinds = {kind.kind: kind for kind in kinds}
        self._changed = Event()
        self._stopped = False
        self._thread = Thread(target=self._run, name="settling-clock", daemon=True)
        store.on_change(self._listen)

    def start(self) -> None:
        """Begins, also with resources of an earlier emulator."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; resources stay as they are."""
        self._stopped = True
        self._changed.set()
        self._thread.join()

    def _listen(self, before: Record | None, after: Record) -> None:
        del before
        kind = self._kinds.get(after.key.kind)
        if kind is not None and after.status in kind.settles:
            self._changed.set()

    def _run(self) -> None:
        while not self._stopped:
            self._changed.clear()
            due = [
                kind.due(settled) - time.time()
                for kind in self._kinds.values()
                for record in self._store.find(kind.kind, statuses=kind.settles)
                for settled in [kind.settle(record)]
                if settled is not None and settled.status in kind.settles
            ]
            self._changed.wait(max(0.0, min(due)) if due else None)
