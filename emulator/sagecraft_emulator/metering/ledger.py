"""What was used, in lines beside the records: each is written in the transaction that begins or ends the use.

So a line is as durable as the record, and needs nobody who looks at records. What is in use has a line without an end.
"""

import json
import logging
import math
import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, Store

from .clock import MeterClock
from .metered import Metered

if TYPE_CHECKING:
    from sagecraft_catalog.charge.charge import Charge

logger = logging.getLogger(__name__)

MOST_MORE_SECONDS: Final = 60.0
"""By so much a record may say that more was billed than was measured. Beyond that, its clock has jumped."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS usage (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, component TEXT NOT NULL,
    item TEXT NOT NULL, quantity TEXT NOT NULL, usd_an_hour TEXT, tags TEXT NOT NULL,
    began REAL NOT NULL, ended REAL, seconds REAL NOT NULL, before REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS usage_present ON usage (arn) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS usage_past ON usage (ended);
CREATE TABLE IF NOT EXISTS metered (until REAL NOT NULL);
"""


class Ledger:
    """Keeps the lines.

    Args:
        kinds: How the records of each kind are charged; of other kinds nothing is.
        clock: Left out, the machine's.
    """

    def __init__(self, kinds: Mapping[str, Metered], clock: MeterClock | None = None) -> None:
        self._kinds = kinds
        self.clock = MeterClock() if clock is None else clock

    def opened(self, connection: sqlite3.Connection) -> None:
        """Takes up the lines of an earlier emulator: what it did not see, nobody pays for."""
        ends = "SELECT max(began) AS last FROM usage UNION SELECT max(ended) FROM usage UNION SELECT until FROM metered"
        (last,) = connection.execute(f"SELECT max(last) FROM ({ends})").fetchone()  # noqa: S608 - all of it stands here
        if last is not None:
            self._split(connection, last, self.clock.now())

    def changed(
        self, store: Store, connection: sqlite3.Connection, before: Record | None, after: Record | None
    ) -> None:
        """Writes what follows from the change of a record; None stands for the time in which it is not there."""
        record = after or before
        kind = None if record is None else self._kinds.get(record.key.kind)
        if kind is None:
            return
        was, becomes = (None if each is None else kind.by(each.status, each.body) for each in (before, after))
        if was == becomes:
            return
        now = self.now(connection)
        if before is not None and was is not None:
            billed = kind.billed_seconds(after.body) if after is not None and becomes is None else None
            self._end(connection, before.arn, now, billed)
        if after is not None and becomes is not None:
            self._begin(connection, after, _charges(kind, store, after), store.tags(after.arn), now)

    def retagged(self, connection: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
        """Has what is used from now on have other tags."""
        if connection.execute("SELECT 1 FROM usage WHERE arn = ? AND ended IS NULL", (arn,)).fetchone() is not None:
            now = self.now(connection)
            self._split(connection, now, now, arn)
            written = (json.dumps(dict(tags)), arn)
            connection.execute("UPDATE usage SET tags = ? WHERE arn = ? AND ended IS NULL", written)

    def cleared(self, connection: sqlite3.Connection) -> None:
        """Forgets all lines."""
        connection.execute("DELETE FROM usage")
        connection.execute("DELETE FROM metered")

    def now(self, connection: sqlite3.Connection) -> float:
        """The time; where the machine's clock has jumped, what is in use goes on at the new time."""
        if self.clock.has_jumped():
            until = self.clock.now()
            self.clock.set()
            self._split(connection, until, self.clock.now())
        return self.clock.now()

    def beat(self, connection: sqlite3.Connection) -> None:
        """Notes the time until which all that is in use was in use, for an emulator that comes after a kill."""
        now = self.now(connection)
        if connection.execute("SELECT 1 FROM usage WHERE ended IS NULL").fetchone() is not None:
            connection.execute("DELETE FROM metered")
            connection.execute("INSERT INTO metered VALUES (?)", (now,))

    def let_pass(self, connection: sqlite3.Connection, seconds: float, account: str | None) -> int:
        """Adds time to all that an account has in use, or everybody; how many lines that were."""
        now = self.now(connection)
        added = connection.execute(
            "INSERT INTO usage SELECT NULL, arn, account, region, component, item, quantity, usd_an_hour, tags,"
            " ?1, ?1, ?2, 0 FROM usage WHERE ended IS NULL AND account = coalesce(?3, account)",
            (now, seconds, account),
        )
        return added.rowcount

    def _begin(
        self,
        connection: sqlite3.Connection,
        record: Record,
        charges: Sequence["Charge"],
        tags: Mapping[str, str],
        now: float,
    ) -> None:
        _, account, region, _ = record.key
        for charge in charges:
            usd, quantity = _usd_an_hour(charge, region), f"{charge.quantity.low:f}"
            what = (charge.component.value, charge.items[0], quantity, None if usd is None else f"{usd:f}")
            connection.execute(
                "INSERT INTO usage VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0, 0)",
                (record.arn, account, region, *what, json.dumps(dict(tags)), now),
            )

    def _end(self, connection: sqlite3.Connection, arn: str, now: float, billed: float | None) -> None:
        """Ends what a record used; of a job the seconds of all its lines are then what its record says."""
        rows = connection.execute("SELECT id, began, before FROM usage WHERE arn = ? AND ended IS NULL", (arn,))
        for line, began, before in rows.fetchall():
            measured = max(0.0, now - began)
            seconds = measured if billed is None else _plausible(billed, before + measured) - before
            connection.execute(
                "UPDATE usage SET ended = ?, seconds = ? WHERE id = ?", (max(now, began), max(0.0, seconds), line)
            )

    def _split(self, connection: sqlite3.Connection, until: float, since: float, arn: str | None = None) -> None:
        """Ends lines at a time, and begins them anew at another."""
        present = "SELECT id, began FROM usage WHERE ended IS NULL AND arn = coalesce(?, arn)"
        for line, began in connection.execute(present, (arn,)).fetchall():
            seconds = max(0.0, until - began)
            connection.execute(
                "INSERT INTO usage SELECT NULL, arn, account, region, component, item, quantity, usd_an_hour, tags,"
                " ?, NULL, 0, before + ? FROM usage WHERE id = ?",
                (since, seconds, line),
            )
            connection.execute(
                "UPDATE usage SET ended = ?, seconds = ? WHERE id = ?", (max(until, began), seconds, line)
            )


def _plausible(billed: float, measured: float) -> float:
    return billed if billed <= measured + MOST_MORE_SECONDS else float(math.ceil(measured))


def _charges(kind: Metered, store: Store, record: Record) -> Sequence["Charge"]:
    try:
        return kind.charges(store, record)
    except RecordMissing as error:
        logger.warning("What %s '%s' costs is not metered: %s.", record.key.kind, record.key.name, error)
        return ()


@lru_cache(maxsize=1024)
def _usd_an_hour(charge: "Charge", region: str) -> Decimal | None:
    """What it costs, if that is known."""
    # What templates cost is not needed before something is charged for, and takes a while to import.
    from sagecraft_catalog.charge.estimate import PricedCharge  # noqa: PLC0415

    from .prices import metering_prices  # noqa: PLC0415

    price = metering_prices().price(charge.component, charge.items[0], region)
    return None if price.usd is None else PricedCharge(charge, (price,)).hourly.low
