"""Records whose use is metered."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sagecraft_emulator.state.states import States
from sagecraft_emulator.state.store import Record, Store

from .ledger import SCHEMA, Ledger


class MeteredStore(Store):
    """Records beside which a ledger is kept.

    Args:
        path: The SQLite file; it is made when it is not there.
        states: The statuses of each kind that has any.
        ledger: It.
    """

    def __init__(self, path: Path, states: Mapping[str, States], ledger: Ledger) -> None:
        super().__init__(path, states)
        self.ledger = ledger
        self._connection.executescript(SCHEMA)
        with self.transaction() as connection:
            ledger.opened(connection)

    def _follow(self, connection: sqlite3.Connection, before: Record | None, after: Record | None) -> None:
        self.ledger.changed(self, connection, before, after)

    def _retagged(self, connection: sqlite3.Connection, arn: str) -> None:
        self.ledger.retagged(connection, arn, self.tags(arn))

    def _cleared(self, connection: sqlite3.Connection) -> None:
        self.ledger.cleared(connection)
