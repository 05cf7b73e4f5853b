"""Where log events lie: one SQLite file, with a row for each chunk of them.

What is written is there when the call returns, whatever becomes of the process. Nothing of it is held in memory.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from sagecraft_emulator.hosts.ministack.background import Background

from .event import Line, Packed, pack

# ruff: noqa: S608 - statements are of words that stand here, and values come beside them

Record = dict[str, Any]

_CHUNKS_OF_A_STEP: Final = 100
_FREED_PAGES_OF_A_STEP: Final = 500
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS log_group (account TEXT, region TEXT, name TEXT, record TEXT NOT NULL,
    PRIMARY KEY (account, region, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT, region TEXT, log_group TEXT,
    name TEXT, created INTEGER NOT NULL, first INTEGER, last INTEGER, ingested INTEGER,
    size INTEGER NOT NULL DEFAULT 0, span INTEGER NOT NULL DEFAULT 0, UNIQUE (account, region, log_group, name));
CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, ingested INTEGER NOT NULL, size INTEGER NOT NULL,
    data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunk_by_time ON chunk (stream, first, last);
CREATE TABLE IF NOT EXISTS deleted (stream INTEGER PRIMARY KEY);
"""
"""`span` is the longest time from the first to the last event of a chunk of the stream."""
MOST: Final = chr(0x10FFFF)
"""The last character: a name that begins with a prefix comes before the prefix and this."""
_GROUP: Final = "(account, region, log_group) = (?, ?, ?)"


class Group(NamedTuple):
    """Which log group is meant."""

    account: str
    region: str
    name: str


class Stream(NamedTuple):
    """What is known of a stream. Times are in milliseconds since the epoch, and None where there is no event."""

    name: str
    created: int
    first: int | None
    last: int | None
    ingested: int | None


class NoStream(Exception):
    """The stream is not there, or not any more."""


class LogStore:
    """The file.

    Args:
        path: Where it is; made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = _connect(path)
        self._database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self.reader = _connect(path)
        """Sees what is committed."""
        self._background = Background("log-store")
        self._background.do(self._free_space)

    def close(self) -> None:
        """Closes the file."""
        self._background.settle()
        with self._lock:
            self.reader.close()
            self._database.close()

    def groups(self) -> list[tuple[Group, Record]]:
        """All groups, each with the record that it began with."""
        rows = self.reader.execute("SELECT * FROM log_group").fetchall()
        return [(Group(*key), json.loads(record)) for *key, record in rows]

    def add_group(self, group: Group, record: Record) -> None:
        """Writes a group."""
        with self._transaction():
            self._database.execute("INSERT OR REPLACE INTO log_group VALUES (?, ?, ?, ?)", (*group, json.dumps(record)))

    def delete_group(self, group: Group) -> None:
        """Forgets a group and all that is in it."""
        with self._transaction():
            self._delete_streams(group, "")
            self._database.execute("DELETE FROM log_group WHERE (account, region, name) = (?, ?, ?)", group)
        self._background.do(self._free_space)

    def size(self, group: Group) -> int:
        """The bytes of all events of a group, as CloudWatch Logs counts them."""
        [[size]] = self.reader.execute(f"SELECT coalesce(sum(size), 0) FROM stream WHERE {_GROUP}", group)
        return int(size)

    def add_stream(self, group: Group, name: str, created: int) -> None:
        """Makes a stream, unless it is there."""
        with self._transaction():
            self._database.execute(
                "INSERT OR IGNORE INTO stream (account, region, log_group, name, created) VALUES (?, ?, ?, ?, ?)",
                (*group, name, created),
            )

    def has_stream(self, group: Group, name: str) -> bool:
        """Whether there is a stream."""
        found = self.reader.execute(f"SELECT 1 FROM stream WHERE {_GROUP} AND name = ?", (*group, name)).fetchone()
        return found is not None

    def delete_stream(self, group: Group, name: str) -> None:
        """Forgets a stream and its events."""
        with self._transaction():
            self._delete_streams(group, "AND name = ?", name)
        self._background.do(self._free_space)

    def streams(
        self, group: Group, prefix: str, *, by_time: bool, descending: bool, limit: int, offset: int
    ) -> list[Stream]:
        """Streams whose names begin with a prefix, by name or by the time of their last event."""
        direction = "DESC" if descending else "ASC"
        order = f"coalesce(last, 0) {direction}, name {direction}" if by_time else f"name {direction}"
        rows = self.reader.execute(
            "SELECT name, created, first, last, ingested FROM stream "
            f"WHERE {_GROUP} AND name BETWEEN ? AND ? ORDER BY {order} LIMIT ? OFFSET ?",
            (*group, prefix, prefix + MOST, limit, offset),
        )
        return [Stream(*row) for row in rows.fetchall()]

    def append(self, group: Group, stream: str, lines: Sequence[Line], ingested: int) -> None:
        """Writes events.

        Args:
            group: The group.
            stream: The name of the stream.
            lines: What was put, in the order of time.
            ingested: When it came.

        Raises:
            NoStream: There is none of that name.
        """
        chunks = list(pack(lines))
        with self._transaction():
            self._append(group, stream, chunks, ingested)

    def take_over(self, group: Group, record: Record, streams: Iterable[tuple[Stream, Sequence[Line]]]) -> None:
        """Writes a group that was kept elsewhere, whole or not at all.

        Args:
            group: The group.
            record: What is known of it.
            streams: Its streams, each with its events in the order of time.
        """
        with self._transaction():
            self.add_group(group, record)
            for stream, lines in streams:
                self.add_stream(group, stream.name, stream.created)
                self._append(group, stream.name, list(pack(lines)), stream.ingested or stream.created)

    @property
    def has_taken_over(self) -> bool:
        """Whether all is here that was kept elsewhere."""
        return bool(self.reader.execute("PRAGMA user_version").fetchone()[0])

    def end_take_over(self) -> None:
        """Says that all is here."""
        with self._lock:
            self._database.execute("PRAGMA user_version = 1")

    def expire(self, group: Group, before: int) -> None:
        """Deletes events that are older than what a group keeps, in the background."""
        self._background.do(lambda: self._expire(group, before))

    def clear(self) -> None:
        """Forgets everything."""
        with self._transaction():
            for table in ("log_group", "stream", "chunk", "deleted"):
                self._database.execute(f"DELETE FROM {table}")
        self._background.do(self._free_space)
        self.settle()

    def settle(self) -> None:
        """Returns once the space of what was deleted is free."""
        self._background.settle()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.rollback()
                raise

    def _append(self, group: Group, stream: str, chunks: Sequence[Packed], ingested: int) -> None:
        found = self._database.execute(
            f"SELECT id FROM stream WHERE {_GROUP} AND name = ?", (*group, stream)
        ).fetchone()
        if found is None:
            raise NoStream
        if not chunks:
            return
        self._database.executemany(
            "INSERT INTO chunk (stream, first, last, ingested, size, data) VALUES (?, ?, ?, ?, ?, ?)",
            [(found[0], chunk.first, chunk.last, ingested, chunk.size, chunk.data) for chunk in chunks],
        )
        known = {
            "id": found[0],
            "first": chunks[0].first,
            "last": chunks[-1].last,
            "ingested": ingested,
            "size": sum(chunk.size for chunk in chunks),
            "span": max(chunk.last - chunk.first for chunk in chunks),
        }
        self._database.execute(
            "UPDATE stream SET first = min(coalesce(first, :first), :first), last = max(coalesce(last, :last), :last), "
            "ingested = :ingested, size = size + :size, span = max(span, :span) WHERE id = :id",
            known,
        )

    def _delete_streams(self, group: Group, which: str, *values: str) -> None:
        """Their events go in the background, some at a time."""
        where, values = f"WHERE {_GROUP} {which}", (*group, *values)
        self._database.execute(f"INSERT INTO deleted SELECT id FROM stream {where}", values)
        self._database.execute(f"DELETE FROM stream {where}", values)

    def _expire(self, group: Group, before: int) -> None:
        rows = self.reader.execute(f"SELECT id FROM stream WHERE {_GROUP} AND first < ?", (*group, before)).fetchall()
        for (stream,) in rows:
            self._in_steps("stream = ? AND last < ?", (stream, before))
            with self._transaction():
                self._database.execute(
                    "UPDATE stream SET (first, last, size) = (SELECT min(first), max(last), coalesce(sum(size), 0) "
                    "FROM chunk WHERE stream = ?1) WHERE id = ?1",
                    (stream,),
                )
        self._free_space()

    def _free_space(self) -> None:
        for (stream,) in self.reader.execute("SELECT stream FROM deleted").fetchall():
            self._in_steps("stream = ?", (stream,))
            with self._transaction():
                self._database.execute("DELETE FROM deleted WHERE stream = ?", (stream,))
        self._repeat(f"PRAGMA incremental_vacuum({_FREED_PAGES_OF_A_STEP})", self._has_free_pages)

    def _in_steps(self, where: str, values: tuple[int, ...]) -> None:
        """Deletes chunks some at a time, for who writes waits meanwhile."""
        some = f"SELECT id FROM chunk WHERE {where} LIMIT {_CHUNKS_OF_A_STEP}"
        self._repeat(
            f"DELETE FROM chunk WHERE id IN ({some})",
            lambda: self._database.execute("SELECT changes()").fetchone()[0],
            values,
        )

    def _repeat(self, statement: str, goes_on: Callable[[], Any], values: tuple[int, ...] = ()) -> None:
        while True:
            with self._lock:
                self._database.execute(statement, values).fetchall()
                if not goes_on():
                    return
            time.sleep(0)

    def _has_free_pages(self) -> bool:
        return bool(self._database.execute("PRAGMA freelist_count").fetchone()[0])


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None)
