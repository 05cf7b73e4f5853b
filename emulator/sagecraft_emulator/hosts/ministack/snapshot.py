"""The state of ministack's services in one SQLite file, so that a killed emulator loses a few seconds at most.

ministack itself saves at a clean stop alone, one file for each service. Here a thread saves all of them in one
transaction, a moment after something was asked of the host, and writes only what differs from the last time.
"""

import asyncio
import copy
import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from .service import ServiceAnswer, ServiceHandler

logger = logging.getLogger(__name__)

State = Any
GetState = Callable[[], State]

SAVE_EVERY_SECONDS: Final = 1.0
SHARE_OF_TIME: Final = 0.05
BLOB_BYTES: Final = 16_384
PAGE_BYTES: Final = 16_384
"""Of a new file: a service's state is one value, mostly of tens of kilobytes, and takes a call for each page."""
EMPTY_CHARACTERS: Final = 4096
TRIES: Final = 5
_ATOMS: Final = frozenset({str, int, float, bool, bytes, type(None)})
_READING: Final = ("Batch", "Describe", "Detect", "Estimate", "Get", "List", "Simulate", "Validate")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS service (name TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blob (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL);
"""
"""With row ids: in a table without, SQLite reads all of a large row, tens of megabytes, to find one beside it."""
_DELETE_UNUSED_BLOBS: Final = """
DELETE FROM blob WHERE NOT EXISTS (SELECT 1 FROM service WHERE instr(service.state, blob.sha256))
"""


class HostSnapshot:
    """Reads and writes the state of the host's services.

    Args:
        path: The SQLite file; made when it is missing.
        encode: Makes JSON values of what JSON does not know.
        decode: Brings them back.
    """

    def __init__(self, path: Path, encode: Callable[[Any], Any], decode: Callable[[dict[str, Any]], Any]) -> None:
        self._encode = encode
        self._decode = decode
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._saved: dict[str, str] = {}
        self._empty: dict[str, str] = {}
        self._blobs: dict[int, tuple[bytes, str]] = {}

    def read(self, service: str) -> State | None:
        """The state of a service as it was saved, or None."""
        row = self._database.execute("SELECT state FROM service WHERE name = ?", (service,)).fetchone()
        if row is None:
            return None
        self._saved[service] = _digest(row[0].encode())
        return json.loads(row[0], object_hook=self._restore)

    def save(self, services: Mapping[str, GetState]) -> None:
        """Writes the services whose state has changed, all in one transaction."""
        with self._lock:
            changed: dict[str, str] = {}
            digests: dict[str, str] = {}
            used_blobs: dict[int, tuple[bytes, str]] = {}
            for name, get_state in services.items():
                text = self._text(name, get_state, used_blobs)
                if text is None:
                    continue
                digest = _digest(text.encode())
                if self._saved.get(name, EMPTY) != digest:
                    changed[name], digests[name] = text, digest
            if changed:
                self._write(changed, used_blobs.values())
                self._saved |= digests
            self._blobs = used_blobs

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

    def _text(self, name: str, get_state: GetState, blobs: dict[int, tuple[bytes, str]]) -> str | None:
        """The state as JSON; None when there is nothing to save, or when it will not stand still."""

        def default(value: Any) -> Any:
            if isinstance(value, bytes) and len(value) >= BLOB_BYTES:
                known = blobs.get(id(value)) or self._blobs.get(id(value))
                if known is None or known[0] is not value:
                    known = (value, _digest(value))
                blobs[id(value)] = known
                return {"__blob__": known[1]}
            return self._encode(value)

        for _ in range(TRIES):
            try:
                state = get_state()
                if state is None:
                    return None
                return self._unless_empty(name, json.dumps(state, default=default))
            except RuntimeError:  # changed by another thread while it was read
                time.sleep(0.01)
            except Exception:
                logger.exception("The state of the host's service '%s' cannot be saved", name)
                return None
        logger.warning("The state of the host's service '%s' changes too fast; it is saved the next time", name)
        return None

    def _unless_empty(self, name: str, text: str) -> str:
        """The text, or none where nothing is in it. Most services have nothing, and are looked into once."""
        if self._empty.get(name) == text:
            return ""
        if len(text) >= EMPTY_CHARACTERS or not _holds_nothing(json.loads(text)):
            return text
        self._empty[name] = text
        return ""

    def _write(self, changed: Mapping[str, str], blobs: Collection[tuple[bytes, str]]) -> None:
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            for data, digest in blobs:
                if database.execute("SELECT 1 FROM blob WHERE sha256 = ?", (digest,)).fetchone() is None:
                    database.execute("INSERT INTO blob VALUES (?, ?)", (digest, data))
            # A service that has nothing is not written, so that the next start does not load it.
            database.executemany("DELETE FROM service WHERE name = ?", [(name,) for name in changed])
            database.executemany("INSERT INTO service VALUES (?, ?)", [each for each in changed.items() if each[1]])
            if {digest for _, digest in self._blobs.values()} - {digest for _, digest in blobs}:
                database.execute(_DELETE_UNUSED_BLOBS)
            database.execute("COMMIT")
        except BaseException:
            database.rollback()
            raise

    def _restore(self, value: dict[str, Any]) -> Any:
        digest = value.get("__blob__")
        if digest is None:
            return self._decode(value)
        row = self._database.execute("SELECT data FROM blob WHERE sha256 = ?", (digest,)).fetchone()
        return row[0]


class SnapshotSaver:
    """Saves in the background, soon after `touch`, and never for more than a twentieth of the time unless it is asked.

    Args:
        save: Saves everything; may take a moment.
        at_rest: Called whenever all is saved and nobody asks for anything.
    """

    def __init__(self, save: Callable[[], None], at_rest: Callable[[], None] = lambda: None) -> None:
        self._save, self._at_rest = save, at_rest
        self._touched = threading.Event()
        self._urgent = threading.Event()
        self._stopping = self._ended = False
        self._begun = self._done = 0
        self._saved = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="host-snapshot", daemon=True)

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def touch(self) -> None:
        """Says that the state may have changed. Costs nothing."""
        self._touched.set()

    def flush(self) -> None:
        """Returns once what the state is now outlives a SIGKILL. All that wait at a time wait for one save.

        Who asks before it watches waits until it does.
        """
        with self._saved:
            wanted = self._begun + 1  # one that has begun may have read already what has changed since
            self._urgent.set()
            self._touched.set()
            self._saved.wait_for(lambda: self._done >= wanted or self._ended)

    def stop(self) -> None:
        """Saves a last time and ends the thread."""
        self._stopping = True
        self._urgent.set()
        self._touched.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            if not self._touched.is_set():
                self._at_rest()
            self._touched.wait()
            began = time.monotonic()
            self._save_once()
            took = time.monotonic() - began
            self._urgent.wait(max(SAVE_EVERY_SECONDS, took / SHARE_OF_TIME))
        self._save_once()
        with self._saved:
            self._ended = True
            self._saved.notify_all()

    def _save_once(self) -> None:
        with self._saved:
            self._touched.clear()
            self._urgent.clear()
            self._begun += 1
        try:
            self._save()
        except Exception:
            logger.exception("The host's state could not be saved")
        with self._saved:
            self._done = self._begun
            self._saved.notify_all()


def saved_before_answered(
    answer: ServiceHandler, save: Callable[[], None], has_unsaved_ends: Callable[[], bool]
) -> ServiceHandler:
    """A service of the Query protocol of which all that it says outlives a SIGKILL.

    Args:
        answer: The service.
        save: Returns once what the state is now outlives a SIGKILL; may block.
        has_unsaved_ends: Whether the end of some work, which no request brought about, may be read before it is saved.
    """

    async def answer_when_saved(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        answered = await answer(method, path, headers, body, query)
        action, *_ = parse_qs(body.decode(errors="replace")).get("Action") or query.get("Action") or [""]
        if not action.startswith(_READING) or has_unsaved_ends():
            await asyncio.to_thread(save)
        return answered

    return answer_when_saved


def copy_states_quickly(scoped: Sequence[type[Any]]) -> None:
    """Has services copy what they hold in a fifth of the time: they do before every save, and it is JSON mostly.

    Args:
        scoped: ministack's classes of dictionaries with an entry for each account.
    """

    def copy_scoped(original: Any, memo: dict[int, Any]) -> Any:
        copied = type(original)()
        copied._data = _copied(original._data, memo)  # noqa: SLF001 - ministack has no public way to this
        return copied

    for kind in scoped:
        kind.__deepcopy__ = copy_scoped


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _copied(member, memo) for key, member in value.items()}
    if kind is list:
        return [_copied(member, memo) for member in value]
    return value if kind in _ATOMS else copy.deepcopy(value, memo)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _holds_nothing(state: Any) -> bool:
    match state:
        case {"__scoped__": True, "data": data} | {"__account_region_scoped__": True, "data": data}:
            return not data
        case dict():
            return all(_holds_nothing(member) for member in state.values())
        case _:
            return not state


EMPTY: Final = _digest(b"")
