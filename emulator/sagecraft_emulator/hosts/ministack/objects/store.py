"""Where bodies lie, and what is known of their objects: files that never change, and one SQLite file.

A file belongs to whatever names it, objects and parts of uploads, and goes with the last of them. A row is written when
the file is complete, so that a killed emulator has the object as it was before or after; files that no row names are
removed at the next start.
"""

import ctypes
import json
import sqlite3
import threading
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from io import FileIO
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sagecraft_emulator.hosts.ministack.background import Background

from .body import Body, Segment

_NOTHING: Final[Mapping[str, bytes]] = {}
_COMMITS_OF_A_CHECKPOINT: Final = 200
_CHECKPOINTS: Final = 20
_CACHE_KIB: Final = 512
"""Of pages in memory, where the system has them, too."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS object (account TEXT, bucket TEXT, key TEXT, state TEXT NOT NULL,
    PRIMARY KEY (account, bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (account TEXT, bucket TEXT, key TEXT, state TEXT NOT NULL,
    PRIMARY KEY (account, bucket, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (id TEXT PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (upload TEXT, number INTEGER, state TEXT NOT NULL,
    PRIMARY KEY (upload, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS use (owner TEXT, file TEXT, PRIMARY KEY (owner, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS use_of_file ON use (file);
"""
_KEYS_FROM: Final = "SELECT key FROM object WHERE (account, bucket) = (?, ?) AND key >= ? ORDER BY key LIMIT ?"
_KEYS_BETWEEN: Final = _KEYS_FROM.replace("ORDER", "AND key < ? ORDER")
_ROWS_OF_KEYS: Final = """
SELECT key, state FROM object WHERE (account, bucket) = (?, ?) AND key IN (SELECT value FROM json_each(?))
"""
_KEYS_WITH_DELETED: Final = """
SELECT key FROM object WHERE (account, bucket) = (?1, ?2)
UNION SELECT key FROM history WHERE (account, bucket) = (?1, ?2)
"""
_SYNC_FILE_RANGE_WRITE: Final = 2
_BODY: Final = "__body__"
_LAYOUT: Final = 1
"""Of the rows. Before the first one, an object's row had its history as well."""
_EARLIER_CURRENT: Final = "current"

State = dict[str, Any]
"""What JSON knows, and bodies."""


class _Reader:
    """Reads a body for as long as it is there."""


class ObjectStore:
    """The files and the rows.

    Args:
        directory: Where they are; made when it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self._files = directory / "bodies"
        self._files.mkdir(parents=True, exist_ok=True)
        self._encoder = json.JSONEncoder(default=_without_body)
        self._decoder = json.JSONDecoder(object_hook=self._with_body)
        self._lock = threading.RLock()
        self._read: Counter[str] = Counter()
        self._doomed: set[str] = set()
        self._background = Background("object-store")
        self._commits = 0
        self._path = directory / "objects.sqlite3"
        self._database = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute("PRAGMA wal_autocheckpoint = 0")  # it waits for the disk, and here for all requests
        self._database.executescript(_SCHEMA)
        self._split_earlier_rows()
        used = {row[0] for row in self._database.execute("SELECT DISTINCT file FROM use")}
        for file in self._files.iterdir():
            if file.name not in used:
                file.unlink()

    def new_file(self) -> Path:
        """The path of a file to be written. It is removed by `discard`, unless an object or a part names it."""
        return self._files / uuid4().hex

    def write(self, data: bytes) -> Body:
        """Writes a file."""
        file = self.new_file()
        file.write_bytes(data)
        return self.body(file, len(data))

    def write_back(self, file: FileIO, begin: int, length: int) -> None:
        """Has a piece of a file brought to the disk, soon and while more of it comes; returns at once."""
        self._background.do(partial(_write_back, file, begin, length))

    def body(self, file: Path, size: int, known: Mapping[str, bytes] = _NOTHING) -> Body:
        """What a file that was written whole holds; `known` are its checksums, by algorithm."""
        return Body((Segment(self._files, file.name, 0, size),), known)

    def discard(self, file: Path) -> None:
        """Removes a file, unless an object or a part names it."""
        with self._lock:
            if not self._is_used(file.name):
                self._remove([file.name])

    def keep(self, body: Body) -> object:
        """Keeps the files of a body for as long as what this returns is there, whatever becomes of their object."""
        reader = _Reader()
        with self._lock:
            self._read.update(body.files)
        weakref.finalize(reader, self._background.do, partial(self._release, body.files)).atexit = False
        return reader

    def save_object(
        self, account: str, bucket: str, key: str, current: State | None, history: State | None = None
    ) -> None:
        """Writes what is known of a key.

        Args:
            account: Whose bucket it is.
            bucket: Its name.
            key: The key.
            current: The object that the key is; None: there is none.
            history: What else is known of the key, such as its versions; None: nothing.
        """
        place = (account, bucket, key)
        with self._transaction():
            for table, state in (("object", current), ("history", history)):
                # ruff: noqa: S608 - the tables stand here
                if state is None:
                    self._database.execute(f"DELETE FROM {table} WHERE (account, bucket, key) = (?, ?, ?)", place)
                else:
                    row = (*place, self.encode(state))
                    self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)", row)
            self._own(json.dumps(place), _files(current) | _files(history))

    def refresh_object(self, account: str, bucket: str, key: str, text: str) -> None:
        """Writes what is known of an object, in place of what was; its body is the same."""
        statement = "UPDATE object SET state = ? WHERE (account, bucket, key) = (?, ?, ?)"
        self._rows(statement, text, account, bucket, key)

    def delete_bucket(self, account: str, bucket: str) -> None:
        """Forgets all keys of a bucket."""
        for (key,) in self._rows(_KEYS_WITH_DELETED, account, bucket):
            self.save_object(account, bucket, key, None)

    def object(self, account: str, bucket: str, key: str) -> tuple[State, str] | None:
        """The object that a key is, and how it is written."""
        rows = self._rows("SELECT state FROM object WHERE (account, bucket, key) = (?, ?, ?)", account, bucket, key)
        return (self._decode(rows[0][0]), rows[0][0]) if rows else None

    def has_object(self, account: str, bucket: str, key: str) -> bool:
        """Whether a key is an object."""
        return bool(self._rows("SELECT 1 FROM object WHERE (account, bucket, key) = (?, ?, ?)", account, bucket, key))

    def keys(
        self, account: str, bucket: str, begin: str = "", end: str | None = None, most: int | None = None
    ) -> list[str]:
        """The keys of objects of a bucket, in their order, from `begin` to before `end`, and no more than `most`."""
        limit = -1 if most is None else most
        if end is None:
            rows = self._rows(_KEYS_FROM, account, bucket, begin, limit)
        else:
            rows = self._rows(_KEYS_BETWEEN, account, bucket, begin, end, limit)
        return [key for (key,) in rows]

    def records(self, account: str, bucket: str, keys: Iterable[str]) -> dict[str, State]:
        """What is known of those of some keys that are objects, but for their bodies: for who only shows it."""
        rows = self._rows(_ROWS_OF_KEYS, account, bucket, json.dumps(list(keys)))
        return {key: json.loads(text) for key, text in rows}

    def buckets(self) -> Iterator[tuple[str, str]]:
        """Account and name of every bucket that has objects."""
        place = ("", "")
        statement = "SELECT account, bucket FROM object WHERE (account, bucket) > (?, ?) ORDER BY 1, 2 LIMIT 1"
        while rows := self._rows(statement, *place):
            place = rows[0]
            yield place

    def histories(self) -> Iterator[tuple[str, str, str, State]]:
        """Account, bucket, key and history of every key that has one."""
        for account, bucket, key, state in self._database.execute("SELECT * FROM history"):
            yield account, bucket, key, self._decode(state)

    def save_upload(self, upload: str, account: str, state: State) -> None:
        """Writes what is known of a multipart upload, without its parts."""
        with self._transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO upload VALUES (?, ?, ?)", (upload, account, json.dumps(state))
            )

    def save_part(self, upload: str, number: int, state: State) -> None:
        """Writes a part, in the place of an earlier one of its number."""
        with self._transaction():
            self._database.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", (upload, number, self.encode(state)))
            self._own(json.dumps((upload, number)), _files(state))

    def delete_upload(self, upload: str) -> None:
        """Forgets an upload and its parts."""
        with self._transaction():
            numbers = self._database.execute("SELECT number FROM part WHERE upload = ?", (upload,)).fetchall()
            self._database.execute("DELETE FROM upload WHERE id = ?", (upload,))
            self._database.execute("DELETE FROM part WHERE upload = ?", (upload,))
            for (number,) in numbers:
                self._own(json.dumps((upload, number)), set())

    def uploads(self) -> Iterator[tuple[str, str, State, dict[int, State]]]:
        """Id, account, state and parts of every upload."""
        for upload, account, state in self._database.execute("SELECT * FROM upload").fetchall():
            parts = self._database.execute("SELECT number, state FROM part WHERE upload = ?", (upload,))
            yield upload, account, json.loads(state), {number: self._decode(part) for number, part in parts}

    def clear(self) -> None:
        """Forgets everything."""
        with self._transaction():
            owners = self._database.execute("SELECT DISTINCT owner FROM use").fetchall()
            for table in ("object", "history", "upload", "part"):
                self._database.execute(f"DELETE FROM {table}")
            for (owner,) in owners:
                self._own(owner, set())
        self.settle()

    def settle(self) -> None:
        """Returns once the files that nobody needs are gone."""
        self._background.settle()

    def _rows(self, statement: str, *values: str | int | None) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _split_earlier_rows(self) -> None:
        """Brings rows of an earlier emulator into the present layout."""
        [(layout,)] = self._rows("PRAGMA user_version")
        if layout == _LAYOUT:
            return
        for account, bucket, key, text in self._rows("SELECT * FROM object"):
            history = self._decode(text)
            if _EARLIER_CURRENT not in history:
                continue  # brought there by one that was killed
            current = history.pop(_EARLIER_CURRENT)
            self.save_object(account, bucket, key, current, history if any(history.values()) else None)
        self._database.execute(f"PRAGMA user_version = {_LAYOUT}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._unused: set[str] = set()
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.rollback()
                raise
            self._remove(name for name in self._unused if not self._is_used(name))
            self._commits += 1
            if self._commits % _COMMITS_OF_A_CHECKPOINT == 0:
                self._background.do(self._checkpoint)

    def _checkpoint(self) -> None:
        with closing(sqlite3.connect(self._path)) as database:
            for _ in range(_CHECKPOINTS):
                before = self._commits
                database.execute("PRAGMA wal_checkpoint(PASSIVE)")
                if self._commits == before:
                    return  # the next commit begins the log anew

    def _own(self, owner: str, files: set[str]) -> None:
        rows = self._database.execute("SELECT file FROM use WHERE owner = ?", (owner,)).fetchall()
        before = {row[0] for row in rows}
        self._database.executemany("DELETE FROM use WHERE (owner, file) = (?, ?)", ((owner, n) for n in before - files))
        self._database.executemany("INSERT INTO use VALUES (?, ?)", ((owner, name) for name in files - before))
        self._unused |= before - files

    def _is_used(self, name: str) -> bool:
        return self._database.execute("SELECT 1 FROM use WHERE file = ? LIMIT 1", (name,)).fetchone() is not None

    def _remove(self, names: Iterable[str]) -> None:
        for name in list(names):
            if name in self._read:
                self._doomed.add(name)
            else:
                self._doomed.discard(name)
                # On a thread, because it takes long for a large file.
                self._background.do(partial(self._unlink, name))

    def _unlink(self, name: str) -> None:
        (self._files / name).unlink(missing_ok=True)

    def _release(self, names: set[str]) -> None:
        with self._lock:
            self._read -= Counter(names)
            free = {name for name in names & self._doomed if name not in self._read}
            self._doomed -= free
        for name in free:
            self._unlink(name)

    def encode(self, state: State) -> str:
        """A state as it is written."""
        return self._encoder.encode(state)

    def _decode(self, text: str) -> State:
        state: State = self._decoder.decode(text)
        return state

    def _with_body(self, members: State) -> Any:
        segments = members.get(_BODY)
        if not isinstance(segments, list):  # a tag may have any name, but no such value
            return members
        return Body(tuple(Segment(self._files, name, begin, length) for name, begin, length in segments))


def _without_body(value: Any) -> State:
    if isinstance(value, Body):
        return {_BODY: [(each.name, each.begin, each.length) for each in value.segments]}
    raise TypeError(f"{type(value)} is not kept with an object")


def _write_back(file: FileIO, begin: int, length: int) -> None:
    with suppress(ValueError, AttributeError):  # it has been closed; another system
        ctypes.CDLL(None).sync_file_range(
            file.fileno(), ctypes.c_int64(begin), ctypes.c_int64(length), _SYNC_FILE_RANGE_WRITE
        )


def _files(value: Any) -> set[str]:
    match value:
        case Body():
            return value.files
        case dict():
            return {name for member in value.values() for name in _files(member)}
        case list():
            return {name for member in value for name in _files(member)}
        case _:
            return set()
