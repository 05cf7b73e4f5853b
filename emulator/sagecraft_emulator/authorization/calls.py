"""What each role called and whether it was allowed, kept in a file of its own."""

import json
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_RESOURCES: Final = 500
"""Of one action of one role. Calls on further ones are counted together, as `OTHERS`."""
OTHERS: Final = "(others)"
CONDITION_KEYS: Final = ("cloudwatch:namespace", "s3:prefix")
"""By these the grants of one action are told apart."""


@dataclass(frozen=True)
class RoleCall:
    """Calls of one kind.

    Attributes:
        action: As IAM names it, such as `s3:GetObject`.
        resource: The ARN that it was on, `*`, or `OTHERS`.
        context: What it was called with, of the condition keys in `CONDITION_KEYS`.
        allowed: Whether it was.
        count: How many there were.
        last: When the last one was, in epoch seconds.
    """

    action: str
    resource: str
    allowed: bool
    count: int
    last: float
    context: Mapping[str, str]


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
            "CREATE TABLE IF NOT EXISTS calls (role TEXT, action TEXT, allowed INTEGER, resource TEXT, context TEXT,"
            " count INTEGER, last REAL, PRIMARY KEY (role, action, allowed, resource, context)) WITHOUT ROWID;"
        )

    def add(self, role_arn: str, action: str, resource: str, context: Mapping[str, object], *, allowed: bool) -> None:
        """Counts one call, whose condition keys are in lower case."""
        told = json.dumps({key: str(context[key]) for key in CONDITION_KEYS if context.get(key) is not None})
        key = (role_arn, action, int(allowed))
        with self._lock:
            if self._count(key, resource, told):
                return
            (known,) = self._connection.execute(
                "SELECT COUNT(*) FROM calls WHERE role=? AND action=? AND allowed=?", key
            ).fetchone()
            if known >= MAX_RESOURCES:
                resource, told = OTHERS, "{}"
                if self._count(key, resource, told):
                    return
            row = (*key, resource, told, time.time())
            self._connection.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, 1, ?)", row)

    def of(self, role_arn: str) -> list[RoleCall]:
        """What a role called, by action and resource."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT action, resource, allowed, count, last, context FROM calls WHERE role=? ORDER BY 1, 2, 6",
                (role_arn,),
            ).fetchall()
        return [RoleCall(row[0], row[1], bool(row[2]), row[3], row[4], json.loads(row[5])) for row in rows]

    def clear(self) -> None:
        """Forgets all calls."""
        with self._lock:
            self._connection.execute("DELETE FROM calls")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _count(self, key: tuple[str, str, int], resource: str, told: str) -> bool:
        done = self._connection.execute(
            "UPDATE calls SET count=count+1, last=?"
            " WHERE role=? AND action=? AND allowed=? AND resource=? AND context=?",
            (time.time(), *key, resource, told),
        )
        return done.rowcount > 0
