"""What goes on behind flow definitions: each becomes active."""

from sagecraft_emulator.state.store import Record, Store


class Activation:
    """Activates the flow definitions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self) -> None:
        self._store.on_change(self._changed)

    def recover(self) -> None:
        for record in self._store.find("FlowDefinition", statuses={"Initializing"}):
            self._changed(None, record)

    def _changed(self, before: Record | None, after: Record) -> None:
        del before
        if (after.key.kind, after.status) == ("FlowDefinition", "Initializing"):
            self._store.update(after.key, status="Active")
