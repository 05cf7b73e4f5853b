"""SageMaker's records in one SQLite file, which every acknowledged change survives."""

import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from sagecraft_emulator.errors import InvalidTransition, RecordExists, RecordMissing

from .database import open_database, transaction
from .states import States

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
    arn TEXT NOT NULL, status TEXT, body TEXT NOT NULL, created REAL NOT NULL, modified REAL NOT NULL,
    PRIMARY KEY (kind, account, region, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_arn ON record (arn);
CREATE INDEX IF NOT EXISTS record_alike ON record (kind, name COLLATE NOCASE);
CREATE TABLE IF NOT EXISTS tag (
    arn TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS image (uri TEXT PRIMARY KEY, program TEXT NOT NULL) WITHOUT ROWID;
"""


PAGE_BYTES: Final = 16_384
"""Of a new file: a record is a few kilobytes, and takes two calls for each page that it is on, at each change."""
CACHE_KIB: Final = 512
"""Of pages in memory."""
READ_AT_ONCE: Final = 100
_ALIKE: Final = """
SELECT * FROM record WHERE kind = ?1 AND account = ?2 AND region = ?3 AND name = ?4 COLLATE NOCASE
ORDER BY name = ?4 DESC LIMIT 1
"""
_SOME_RECORDS: Final = """
SELECT * FROM record WHERE kind = ?1 AND (account, region, name) > (?2, ?3, ?4)
AND account = coalesce(?5, account) AND region = coalesce(?6, region)
AND (?7 IS NULL OR status IN (SELECT value FROM json_each(?7)))
ORDER BY account, region, name LIMIT ?8
"""


class RecordKey(NamedTuple):
    """What names a record: AWS's noun for its kind, the account, the region and the name."""

    kind: str
    account: str
    region: str
    name: str


@dataclass(frozen=True)
class Record:
    """A record as it was read.

    Attributes:
        key: What names it.
        arn: Its ARN.
        status: Its status, or None for a kind without.
        text: The body as JSON.
        created: Epoch seconds.
        modified: Epoch seconds.
    """

    key: RecordKey
    arn: str
    status: str | None
    text: str
    created: float
    modified: float

    @cached_property
    def body(self) -> dict[str, Any]:
        """The members of the Describe answer under AWS's names, timestamps as epoch seconds.

        Names that start with `_` are the emulator's own and never answered. It is read from its JSON when it is first
        asked for: lists go through far more records than they answer.
        """
        body: dict[str, Any] = json.loads(self.text)
        return body


Changes = Mapping[str, Any] | Callable[[Record], Mapping[str, Any]]
"""Members of a body to set, or what makes them of the record as it is; a member that is None is removed."""

Listener = Callable[[Record | None, Record], None]
"""Is told a record as it was, or None for a new one, and as it is."""

DeletionListener = Callable[[Record, dict[str, str]], None]
"""Is told a record as it was, and its tags."""


class Store:
    """The records, their tags and the registered images. Safe for use from several threads.

    Args:
        path: The SQLite file; it is made when it is not there.
        states: The statuses of each kind that has any.
    """

    def __init__(self, path: Path, states: Mapping[str, States]) -> None:
        self._states = states
        self._lock = threading.RLock()
        self._connection = open_database(path, SCHEMA, CACHE_KIB, PAGE_BYTES)
        self._listeners: list[Listener] = []
        self._deletion_listeners: list[DeletionListener] = []
        self.guard: Listener = lambda before, after: None  # noqa: ARG005 - it passes all; what it raises undoes a change
        self._untold: deque[Callable[[], None]] = deque()
        self._telling = threading.Lock()

    def on_change(self, listener: Listener) -> None:
        """Calls a listener after each change of a status or secondary status, in the order of the changes.

        So it is called after a change of something else that is to be told.

        It is called in a thread that changes a record, that one or another. It must return soon and not raise. The
        change is in the store by then, and further ones may be.
        """
        self._listeners.append(listener)

    def on_delete(self, listener: DeletionListener) -> None:
        """Calls a listener after each deletion, as `on_change` does."""
        self._deletion_listeners.append(listener)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def create(
        self,
        key: RecordKey,
        *,
        arn: str,
        status: str | None,
        body: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        alike: bool = False,
    ) -> Record:
        """Adds a record, with its tags. Where names are alike, those in upper and in lower case are the same.

        Raises:
            RecordExists: One of that kind and name is there.
            InvalidTransition: A record of that kind cannot begin with that status.
        """
        if status is not None:
            self._states[key.kind].check(key.kind, None, status)
        now, text = time.time(), json.dumps(dict(body))
        with self._lock:
            with self.transaction() as connection:
                if alike and connection.execute(_ALIKE, key).fetchone() is not None:
                    raise RecordExists(f"{key.kind} '{key.name}' exists")
                try:
                    connection.execute(
                        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (*key, arn, status, text, now, now),
                    )
                except sqlite3.IntegrityError as error:
                    raise RecordExists(f"{key.kind} '{key.name}' exists") from error
                _write_tags(connection, arn, tags or {})
                record = Record(key, arn, status, text, now, now)
                self.guard(None, record)
                self._follow(connection, None, record)
            self._note_change(None, record)
        self._tell()
        return record

    def get(self, key: RecordKey, *, alike: bool = False) -> Record:
        """Reads a record; where names are alike, also one that differs in upper and lower case.

        Raises:
            RecordMissing: There is none.
        """
        asked = _ALIKE if alike else "SELECT * FROM record WHERE kind = ? AND account = ? AND region = ? AND name = ?"
        with self._lock:
            row = self._connection.execute(asked, key).fetchone()
        if row is None:
            raise RecordMissing(f"{key.kind} '{key.name}' does not exist")
        return _record(row)

    def find(
        self,
        kind: str,
        account: str | None = None,
        region: str | None = None,
        *,
        statuses: Collection[str] | None = None,
    ) -> list[Record]:
        """Reads the records of a kind, the oldest first; of every account or region where that is left out."""
        found = self.each(kind, account, region, statuses=statuses)
        return sorted(found, key=lambda record: (record.created, record.key.name))

    def each(
        self,
        kind: str,
        account: str | None = None,
        region: str | None = None,
        *,
        statuses: Collection[str] | None = None,
    ) -> Iterator[Record]:
        """Reads the records of a kind, in any order and a few at a time, so that thousands are not held at once."""
        wanted = None if statuses is None else json.dumps(list(statuses))
        last = ("", "", "")
        while True:
            with self._lock:
                asked = (kind, *last, account, region, wanted, READ_AT_ONCE)
                rows = self._connection.execute(_SOME_RECORDS, asked).fetchall()
            yield from map(_record, rows)
            if len(rows) < READ_AT_ONCE:
                return
            last = rows[-1][1:4]

    def find_arn(self, arn: str) -> Record:
        """Reads the record that has an ARN.

        Raises:
            RecordMissing: There is none.
        """
        with self._lock:
            row = self._connection.execute("SELECT * FROM record WHERE arn = ?", (arn,)).fetchone()
        if row is None:
            raise RecordMissing(f"nothing has the ARN '{arn}'")
        return _record(row)

    def members(self, arn: str) -> Mapping[str, Any]:
        """What stands in the record that has an ARN; nothing where there is none."""
        try:
            return self.find_arn(arn).body
        except RecordMissing:
            return {}

    def update(
        self,
        key: RecordKey,
        *,
        status: str | None = None,
        body: Changes | None = None,
        present_status: str | None = None,
        tell: bool = False,
    ) -> Record:
        """Changes a record.

        Args:
            key: What names it.
            status: The new status, or None to leave it.
            body: What to change of its members.
            present_status: The status that it must still have, or None for any that the new one may follow.
            tell: Whether listeners are told of a change that is none of a status.

        Raises:
            RecordMissing: There is none.
            InvalidTransition: The status cannot follow the present one, or the present one is another.
        """
        with self._lock:
            with self.transaction() as connection:
                present = self.get(key)
                if present_status not in {None, present.status}:
                    raise InvalidTransition(
                        f"{key.kind} '{key.name}' is '{present.status}', no longer '{present_status}'"
                    )
                if status is not None:
                    self._states[key.kind].check(key.kind, present.status, status)
                merged = {**present.body, **((body(present) if callable(body) else body) or {})}
                text = json.dumps({name: value for name, value in merged.items() if value is not None})
                following = present.status if status is None else status
                now = time.time()
                connection.execute(
                    "UPDATE record SET status = ?, body = ?, modified = ?"
                    " WHERE kind = ? AND account = ? AND region = ? AND name = ?",
                    (following, text, now, *key),
                )
                record = Record(key, present.arn, following, text, present.created, now)
                self.guard(present, record)
                self._follow(connection, present, record)
            self._note_change(present, record, tell=tell)
        self._tell()
        return record

    def delete(self, key: RecordKey) -> None:
        """Removes a record and its tags.

        Raises:
            RecordMissing: There is none.
        """
        with self._lock:
            with self.transaction() as connection:
                record = self.get(key)
                tags = self.tags(record.arn)
                self._follow(connection, record, None)
                connection.execute("DELETE FROM tag WHERE arn = ?", (record.arn,))
                connection.execute("DELETE FROM record WHERE kind = ? AND account = ? AND region = ? AND name = ?", key)
            self._untold.extend(partial(listener, record, tags) for listener in self._deletion_listeners)
        self._tell()

    def clear(self) -> None:
        """Removes all records and tags, and tells nobody."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM tag")
            connection.execute("DELETE FROM record")
            self._cleared(connection)

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of an ARN."""
        with self._lock:
            return dict(self._connection.execute("SELECT key, value FROM tag WHERE arn = ? ORDER BY key", (arn,)))

    def tagged(self, account: str, region: str) -> list[tuple[str, dict[str, str]]]:
        """The ARNs of an account and region that have tags, each with these."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT tag.arn, tag.key, tag.value FROM tag JOIN record ON record.arn = tag.arn"
                " WHERE record.account = ? AND record.region = ? ORDER BY tag.arn, tag.key",
                (account, region),
            ).fetchall()
        tags: dict[str, dict[str, str]] = {}
        for arn, key, value in rows:
            tags.setdefault(arn, {})[key] = value
        return list(tags.items())

    def set_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """Adds tags, or overwrites those of the same key."""
        with self.transaction() as connection:
            _write_tags(connection, arn, tags)
            self._retagged(connection, arn)

    def remove_tags(self, arn: str, keys: Collection[str]) -> None:
        """Removes tags; keys that are not there are passed over."""
        with self.transaction() as connection:
            connection.executemany("DELETE FROM tag WHERE arn = ? AND key = ?", [(arn, key) for key in keys])
            self._retagged(connection, arn)

    def images(self) -> dict[str, dict[str, Any]]:
        """The registered local programs by image URI."""
        with self._lock:
            rows = self._connection.execute("SELECT uri, program FROM image ORDER BY uri").fetchall()
        return {uri: json.loads(program) for uri, program in rows}

    def set_image(self, uri: str, program: Mapping[str, Any]) -> None:
        """Registers the local program of an image URI, in place of an earlier one."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO image VALUES (?, ?)", (uri, json.dumps(dict(program))))

    def remove_image(self, uri: str) -> bool:
        """Forgets the local program of an image URI; whether there was one."""
        with self.transaction() as connection:
            return connection.execute("DELETE FROM image WHERE uri = ?", (uri,)).rowcount > 0

    def _follow(self, connection: sqlite3.Connection, before: Record | None, after: Record | None) -> None:
        """Writes what follows from a change, in its transaction; None stands for the time without the record."""

    def _retagged(self, connection: sqlite3.Connection, arn: str) -> None:
        """Writes what follows from other tags, in the transaction of these."""

    def _cleared(self, connection: sqlite3.Connection) -> None:
        """Removes what followed from records that are all gone, in the same transaction."""

    def _note_change(self, before: Record | None, after: Record, *, tell: bool = False) -> None:
        if tell or before is None or _statuses(before) != _statuses(after):
            self._untold.extend(partial(listener, before, after) for listener in self._listeners)

    def _tell(self) -> None:
        """Tells the listeners what is untold, in order; when another thread is at it, that one tells this as well."""
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    self._untold.popleft()()
            finally:
                self._telling.release()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """The file, for whoever reads or writes several things in it at once."""
        return transaction(self._connection, self._lock)


def _statuses(record: Record) -> tuple[str | None, str | None]:
    return record.status, record.body.get("SecondaryStatus")


def _write_tags(connection: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
    rows = [(arn, key, value) for key, value in tags.items()]
    connection.executemany("INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", rows)


def _record(row: tuple[Any, ...]) -> Record:
    kind, account, region, name, arn, status, body, created, modified = row
    return Record(RecordKey(kind, account, region, name), arn, status, body, created, modified)
