"""What records take of quotas, as nouns declare it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagecraft_emulator.state.store import Record, Store

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demands

# The start of an emulator takes less without the catalog's quotas, which few emulators keep to.
# ruff: noqa: PLC0415

Asked = Callable[[Store, Record], "Demands"]
WORKING = frozenset({"InProgress", "Stopping"})


@dataclass(frozen=True, kw_only=True)
class Takes:
    """What the records of a kind take.

    Attributes:
        asked: What one takes, in the status that it has.
        statuses: The statuses in which one takes anything; None for every one.
        holds: Whether it goes on to take it; else it is asked for once, when it is made, and others take it.
    """

    asked: Asked
    statuses: Collection[str] | None = None
    holds: bool = True


def job(kind: str, *, holds: bool = True) -> Takes:
    """What jobs of a kind take while they work, by their requests."""

    def asked(_: Store, record: Record) -> "Demands":
        from sagecraft_catalog.quota.demand import JOBS, known_request

        # What an AutoML job starts, it starts on instances that AWS chooses: no public source has them counted.
        return () if "AutoMLJobArn" in record.body else JOBS[kind](known_request(record.body))

    return Takes(asked=asked, statuses=WORKING, holds=holds)


def each_one(name: str) -> Takes:
    """One of what a quota counts, for as long as the record is there.

    Args:
        name: AWS's name of the quota.
    """

    def asked(_: Store, __: Record) -> "Demands":
        from sagecraft_catalog.quota.demand import one_of

        return one_of(name)

    return Takes(asked=asked)
