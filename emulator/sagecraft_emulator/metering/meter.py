"""Reads the ledger: what was used from when to when, and what that costs."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event, Lock, Thread
from typing import Any, Final

from .store import MeteredStore

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 10.0
"""As much as a kill may take from what is in use at most."""
LOOK_SECONDS: Final = 60.0
"""How often those look at the meter who tell of it. AWS takes hours."""
_HOUR_SECONDS: Final = 3600
_EVER: Final = 2.0**62


@dataclass(frozen=True)
class Line:
    """Something that was used, or is.

    Attributes:
        arn: What used it.
        account: Whose that is.
        region: Where it is.
        component: What the use was for, as the catalog has it: `training`, `storage`, …
        item: What was used: an instance type, or of storage what it belongs to.
        quantity: How many instances, or GB.
        usd_an_hour: What all of it costs an hour; None where no price is known.
        tags: What used it had these.
        began: Epoch seconds.
        ended: Epoch seconds; of what is in use, the present.
        seconds: How many of them are billed.
        is_present: Whether it is in use.
    """

    arn: str
    account: str
    region: str
    component: str
    item: str
    quantity: Decimal
    usd_an_hour: Decimal | None
    tags: dict[str, str]
    began: float
    ended: float
    seconds: float
    is_present: bool

    def seconds_within(self, begin: float, end: float) -> Decimal:
        """How many of its seconds are billed for a time; the end does not belong to it."""
        if self.ended <= self.began:
            return Decimal(str(self.seconds)) if begin <= self.began < end else Decimal(0)
        shared = max(0.0, min(self.ended, end) - max(self.began, begin))
        return Decimal(str(self.seconds)) * Decimal(shared / (self.ended - self.began))

    def usd_within(self, begin: float, end: float) -> Decimal:
        """US dollars for a time; none where no price is known."""
        return self.seconds_within(begin, end) * (self.usd_an_hour or 0) / _HOUR_SECONDS


@dataclass(frozen=True)
class Bill:
    """What an account would owe AWS.

    Attributes:
        usd: For all that the meter knows.
        usd_an_hour: From now on, for what is in use.
        unpriced: What was used that has no known price.
    """

    usd: Decimal
    usd_an_hour: Decimal
    unpriced: tuple[str, ...]

    @property
    def as_json(self) -> dict[str, Any]:
        """It, for a client."""
        return {"usd": f"{self.usd:.10f}", "usd_an_hour": f"{self.usd_an_hour:.10f}", "unpriced": list(self.unpriced)}


class Meter:
    """The meter of an emulator.

    Args:
        store: The records beside which the ledger is.
    """

    def __init__(self, store: MeteredStore) -> None:
        self._store = store
        self._listeners: list[Callable[[], None]] = []
        self._telling, self._ending = Lock(), Event()
        self._thread = Thread(target=self._run, name="meter", daemon=True)

    def on_look(self, listener: Callable[[], None]) -> None:
        """Calls a listener every minute, and when time was let pass; it may block. A failure of it is logged."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Begins to note that what is in use still is."""
        self._thread.start()

    def stop(self) -> None:
        """Notes the time at which all ends."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
            self._beat()

    def now(self) -> float:
        """The meter's time, in epoch seconds."""
        with self._store.transaction() as connection:
            return self._store.ledger.now(connection)

    def lines(self, account: str | None = None, begin: float = 0.0, end: float = _EVER) -> list[Line]:
        """What an account used in a time, or all accounts did."""
        with self._store.transaction() as connection:
            now = self._store.ledger.now(connection)
            rows = connection.execute(
                "SELECT arn, account, region, component, item, quantity, usd_an_hour, tags, began, ended, seconds"
                " FROM usage WHERE account = coalesce(?1, account) AND began < ?3 AND (ended IS NULL OR ended >= ?2)"
                " ORDER BY id",
                (account, begin, end),
            ).fetchall()
        return [_line(now, row) for row in rows]

    def bill(self, account: str) -> Bill:
        """What an account would owe AWS so far, and from now on."""
        lines = self.lines(account)
        usd = sum((each.usd_within(0, _EVER) for each in lines), Decimal(0))
        return Bill(usd, hourly(lines), tuple(sorted({each.item for each in lines if each.usd_an_hour is None})))

    def let_pass(self, hours: float, account: str | None = None) -> int:
        """Adds hours to all that an account has in use, or everybody, and has all look at it; how much is in use.

        It counts at this moment: no other clock moves.
        """
        with self._store.transaction() as connection:
            count = self._store.ledger.let_pass(connection, hours * _HOUR_SECONDS, account)
        self.look()
        return count

    def look(self) -> None:
        """Has all look at the meter who tell of it; returns when they have."""
        with self._telling:
            for listener in self._listeners:
                try:
                    listener()
                except Exception:
                    logger.exception("What the meter says could not be told")

    def _run(self) -> None:
        rounds = 0
        while not self._ending.wait(BEAT_SECONDS):
            self._beat()
            rounds += 1
            if rounds % round(LOOK_SECONDS / BEAT_SECONDS) == 0:
                self.look()

    def _beat(self) -> None:
        with self._store.transaction() as connection:
            self._store.ledger.beat(connection)


def hourly(lines: list[Line]) -> Decimal:
    """US dollars an hour, of what of this is in use."""
    return sum((each.usd_an_hour or Decimal(0) for each in lines if each.is_present), Decimal(0))


def month_of(moment: float) -> float:
    """The beginning of the month, in epoch seconds: AWS bills by months in UTC."""
    return datetime.fromtimestamp(moment, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()


def _line(now: float, row: Sequence[Any]) -> Line:
    arn, account, region, component, item, quantity, usd_an_hour, tags, began, ended, seconds = row
    until = max(began, now) if ended is None else ended
    return Line(
        arn=arn,
        account=account,
        region=region,
        component=component,
        item=item,
        quantity=Decimal(quantity),
        usd_an_hour=None if usd_an_hour is None else Decimal(usd_an_hour),
        tags=json.loads(tags),
        began=began,
        ended=until,
        seconds=until - began if ended is None else seconds,
        is_present=ended is None,
    )
