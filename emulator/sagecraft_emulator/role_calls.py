"""What each role called and whether it was allowed, kept in a file of its own."""

import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_RESOURCES: Final = 500
"""Of one action of one role. What is called on further ones is counted on its first resource's service as `OTHERS`."""
OTHERS: Final = "(others)"


@dataclass(frozen=True)
class RoleCall:
    """Calls of one kind.

    Attributes:
        action: As IAM names it, such as `s3:GetObject`.
        resource: The ARN that it was on, `*`, or `OTHERS`.
        allowed: Whether it was.
        count: How many there were.
        last: When the last one was, in epoch seconds.
    """

    action: str
    resource: str
    allowed: bool
    count: int
    last: float


class RoleCalls:
    """Counts the calls of roles. Safe for use from several threads.

    Args:
        database: The SQLite file; made when it is missing.
    """

    def __init__(self, database: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        # A power cut may lose the last counts, which is no harm.
        self._connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS calls (role TEXT, action TEXT, allowed INTEGER, resource TEXT, count INTEGER,"
            " last REAL, PRIMARY KEY (role, action, allowed, resource)) WITHOUT ROWID;"
        )

    def add(self, role_arn: str, action: str, resource: str, *, allowed: bool) -> None:
        """Counts one call."""
        key = (role_arn, action, int(allowed))
        with self._lock:
            if self._count(key, resource):
                return
            (known,) = self._connection.execute(
                "SELECT COUNT(*) FROM calls WHERE role=? AND action=? AND allowed=?", key
            ).fetchone()
            if known >= MAX_RESOURCES:
                resource = OTHERS
                if self._count(key, resource):
                    return
            self._connection.execute("INSERT INTO calls VALUES (?, ?, ?, ?, 1, ?)", (*key, resource, time.time()))

    def of(self, role_arn: str) -> list[RoleCall]:
        """What a role called, by action and resource."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT action, resource, allowed, count, last FROM calls WHERE role=? ORDER BY action, resource",
                (role_arn,),
            ).fetchall()
        return [
            RoleCall(action, resource, bool(allowed), count, last) for action, resource, allowed, count, last in rows
        ]

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _count(self, key: tuple[str, str, int], resource: str) -> bool:
        done = self._connection.execute(
            "UPDATE calls SET count=count+1, last=? WHERE role=? AND action=? AND allowed=? AND resource=?",
            (time.time(), *key, resource),
        )
        return done.rowcount > 0
