"""A file of SQLite that several threads write, one at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_database(path: Path, schema: str, cache_kib: int, page_bytes: int | None = None) -> sqlite3.Connection:
    """Opens a file, which is made when it is not there; what it acknowledges outlives the process.

    Args:
        path: The file.
        schema: Makes its tables, where they are not there.
        cache_kib: Of pages in memory, where the system has them, too.
        page_bytes: Of a new file; None for SQLite's own.
    """
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    if page_bytes is not None:
        connection.execute(f"PRAGMA page_size={page_bytes}")
    connection.execute(f"PRAGMA cache_size=-{cache_kib}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.executescript(schema)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, lock: threading.RLock) -> Iterator[sqlite3.Connection]:
    """All that is written meanwhile, or nothing of it."""
    with lock:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.execute("COMMIT")
