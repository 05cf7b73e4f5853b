"""The records of all feature groups, in a file of their own: what is put thousands of times a second waits for nobody.

One transaction takes a record into the online store and into the queue for the offline store, and an answered request
has both. The file is made when the first record comes.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

from sagecraft_emulator.state.database import open_database, transaction

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, identifier TEXT NOT NULL, event_time REAL NOT NULL, expires REAL,
    deleted INTEGER NOT NULL, features TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS record_identifier ON record (owner, identifier);
CREATE INDEX IF NOT EXISTS record_expires ON record (expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS target (id INTEGER PRIMARY KEY, description TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS pending (
    id INTEGER PRIMARY KEY, target INTEGER NOT NULL, hour INTEGER NOT NULL, event_time REAL NOT NULL,
    invoked REAL NOT NULL, deleted INTEGER NOT NULL, features TEXT NOT NULL, file TEXT
);
CREATE INDEX IF NOT EXISTS pending_hour ON pending (target, hour, id) WHERE file IS NULL;
CREATE INDEX IF NOT EXISTS pending_file ON pending (file) WHERE file IS NOT NULL;
"""
_HOUR: Final = 3600
CACHE_KIB: Final = 2048

_PUT: Final = """
INSERT INTO record (owner, identifier, event_time, expires, deleted, features) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (owner, identifier) DO UPDATE SET event_time = excluded.event_time, expires = excluded.expires,
deleted = excluded.deleted, features = excluded.features
WHERE excluded.event_time > record.event_time OR record.expires <= ?
"""
"""Equal event times do not replace; what has expired is not there any more."""


class OnlineRecord(NamedTuple):
    """A record of the online store.

    Attributes:
        event_time: Seconds since 1970.
        expires: When it is removed; None for never.
        deleted: Whether it is what a soft deletion left.
        features: Its features as JSON: values by name.
    """

    event_time: float
    expires: float | None
    deleted: bool
    features: str


class OfflineRecord(NamedTuple):
    """A record on its way to the offline store.

    Attributes:
        target: Where it goes, as `Group.target` says.
        event_time: Seconds since 1970.
        invoked: When it was put or deleted.
        deleted: Whether it was deleted.
        features: Its features as JSON: values by name.
    """

    target: str
    event_time: float
    invoked: float
    deleted: bool
    features: str


@dataclass(frozen=True)
class PendingFile:
    """Records that become one file of the offline store.

    Attributes:
        name: The file's name, without its place.
        target_id: The number of its target.
        target: Where it goes.
        hour: The hour of its records, counted since 1970.
        records: These: event time, time of the request, whether it was a deletion, features.
    """

    name: str
    target_id: int
    target: str
    hour: int
    records: Sequence[tuple[float, float, bool, str]]


class Records:
    """The file. Safe for use from several threads.

    Args:
        path: It; the directory is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._opened = False
        self.wanted = threading.Event()
        """Set when there is something for the offline store."""

    @property
    def is_there(self) -> bool:
        """Whether there have ever been records."""
        return self._path.exists()

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._opened:
                self._connection.close()

    def write(
        self, owner: str, identifier: str, online: OnlineRecord | None, offline: OfflineRecord | None, now: float
    ) -> None:
        """Takes a record into the online store, where none as new is there, and into the queue for the offline store.

        Args:
            owner: The feature group, as `owner_of` names it.
            identifier: Of the record.
            online: What is put; None where it is not meant for the online store.
            offline: The same for the offline store.
            now: Seconds since 1970.
        """
        with self._transaction() as connection:
            if online is not None:
                connection.execute(_PUT, (owner, identifier, *online, now))
            if offline is not None:
                self._queue(connection, offline)
        if offline is not None:
            self.wanted.set()

    def remove(
        self, owner: str, identifier: str, event_time: float, offline: OfflineRecord | None, now: float
    ) -> float | None:
        """Removes a record that is older than an event time, and queues the marker of that.

        Returns:
            The event time of the record that is as new, so that nothing was done; None else.
        """
        with self._transaction() as connection:
            present = _present(connection, owner, identifier, now)
            if present is not None and present.event_time >= event_time:
                return present.event_time
            connection.execute("DELETE FROM record WHERE owner = ? AND identifier = ?", (owner, identifier))
            if offline is not None:
                self._queue(connection, offline)
        if offline is not None:
            self.wanted.set()
        return None

    def get(self, owner: str, identifier: str, now: float) -> OnlineRecord | None:
        """The latest record of an identifier, which may be deleted; None where there is none, or it has expired."""
        with self._lock:
            return _present(self._connection, owner, identifier, now)

    def identifiers(self, owner: str, after: str, count: int, now: float, *, with_deleted: bool) -> list[str]:
        """Identifiers of a group's records in order, those behind one."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT identifier FROM record WHERE owner = ? AND identifier > ? AND deleted <= ?"
                " AND coalesce(expires > ?, 1) ORDER BY identifier LIMIT ?",
                (owner, after, int(with_deleted), now, count),
            )
            return [row[0] for row in rows]

    def size(self, owner: str) -> int:
        """The bytes of a group's records in the online store."""
        with self._lock:
            asked = "SELECT coalesce(sum(length(CAST(features AS BLOB))), 0) FROM record WHERE owner = ?"
            return int(self._connection.execute(asked, (owner,)).fetchone()[0]) if self.is_there else 0

    def forget(self, owner: str) -> None:
        """Removes a group's records from the online store; what is on its way to the offline store goes on."""
        if self.is_there:
            with self._transaction() as connection:
                connection.execute("DELETE FROM record WHERE owner = ?", (owner,))

    def clear(self) -> None:
        """Removes everything."""
        if self.is_there:
            with self._transaction() as connection:
                for table in ("record", "pending", "target"):
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608 - one of the three

    def expire(self, now: float) -> None:
        """Removes what has expired."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM record WHERE expires <= ?", (now,))

    def next_file(
        self, name: Callable[[float], str], most: int, most_bytes: int, without: Collection[int] = ()
    ) -> PendingFile | None:
        """The records that become the next file, the same ones again until `written` is told; None without any.

        Args:
            name: Names the file, of the latest event time in it.
            most: How many records it has at most.
            most_bytes: How many bytes of features it has at most, but for one record.
            without: Targets that are left out.
        """
        skipped = ",".join(map(str, without))
        with self._transaction() as connection:
            given = connection.execute(
                f"SELECT file FROM pending WHERE file IS NOT NULL AND target NOT IN ({skipped}) LIMIT 1"  # noqa: S608
            ).fetchone()
            file = None if given is None else str(given[0])
            if file is None:
                first = connection.execute(
                    f"SELECT target, hour FROM pending WHERE file IS NULL AND target NOT IN ({skipped})"  # noqa: S608
                    " ORDER BY id LIMIT 1"
                ).fetchone()
                if first is None:
                    return None
                file = _assign(connection, first, name, most, most_bytes)
            rows = connection.execute(
                "SELECT target, hour, event_time, invoked, deleted, features FROM pending WHERE file = ? ORDER BY id",
                (file,),
            ).fetchall()
            target_id, hour = rows[0][:2]
            target = connection.execute("SELECT description FROM target WHERE id = ?", (target_id,)).fetchone()[0]
        records = [(event, invoked, bool(deleted), features) for _, _, event, invoked, deleted, features in rows]
        return PendingFile(file, target_id, target, hour, records)

    def written(self, file: PendingFile) -> None:
        """Takes note that a file is in the offline store."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM pending WHERE file = ?", (file.name,))

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        with self._lock:
            connection = open_database(self._path, _SCHEMA, CACHE_KIB)
            self._opened = True
            return connection

    def _transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self._connection, self._lock)

    def _queue(self, connection: sqlite3.Connection, record: OfflineRecord) -> None:
        found = connection.execute("SELECT id FROM target WHERE description = ?", (record.target,)).fetchone()
        if found is None:
            target = connection.execute("INSERT INTO target (description) VALUES (?)", (record.target,)).lastrowid
        else:
            target = found[0]
        connection.execute(
            "INSERT INTO pending (target, hour, event_time, invoked, deleted, features) VALUES (?, ?, ?, ?, ?, ?)",
            (target, int(record.event_time // _HOUR), *record[1:]),
        )


def _present(connection: sqlite3.Connection, owner: str, identifier: str, now: float) -> OnlineRecord | None:
    row = connection.execute(
        "SELECT event_time, expires, deleted, features FROM record WHERE owner = ? AND identifier = ?",
        (owner, identifier),
    ).fetchone()
    if row is None or (row[1] is not None and row[1] <= now):
        return None
    return OnlineRecord(row[0], row[1], bool(row[2]), row[3])


def _assign(
    connection: sqlite3.Connection, place: tuple[int, int], name: Callable[[float], str], most: int, most_bytes: int
) -> str:
    """Gives the oldest records of a target and an hour a file; its name."""
    rows = connection.execute(
        "SELECT id, event_time, length(features) FROM pending WHERE file IS NULL AND target = ? AND hour = ?"
        " ORDER BY id LIMIT ?",
        (*place, most),
    ).fetchall()
    totals = accumulate(size for _, _, size in rows)
    taken = [row for row, total in zip(rows, totals, strict=True) if total <= most_bytes] or rows[:1]
    file = name(max(event_time for _, event_time, _ in taken))
    connection.executemany("UPDATE pending SET file = ? WHERE id = ?", [(file, row[0]) for row in taken])
    return file
