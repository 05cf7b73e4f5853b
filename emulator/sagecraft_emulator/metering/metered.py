"""What a noun says of its records' cost."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sagecraft_catalog.charge.charge import Charge
from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.price.row import Component

from sagecraft_emulator.state.store import Record, Store

Members = Mapping[str, Any]
By = Callable[[str | None, Members], Hashable]
"""The status and the members of a record -> what it is charged by."""


def _as_measured(body: Members) -> None:
    """How long something is billed whose record does not say so."""
    del body


@dataclass(frozen=True, kw_only=True)
class Metered:
    """How the records of a kind are charged.

    Attributes:
        by: What a record is charged by at present; where that changes, so does what it is charged for. None where it is
            charged for nothing. It is asked at each change of a record.
        charges: What a record is charged for from now on. Of each charge all is known: one item, one quantity.
        billed_seconds: How long was billed of something that has ended, as its record says. Left out, or None, as long
            as it was measured.
    """

    by: By
    charges: Callable[[Store, Record], Sequence[Charge]]
    billed_seconds: Callable[[Members], float | None] = _as_measured


def machines(component: Component, groups: Iterable[Members], *, gib: int = 0) -> tuple[Charge, ...]:
    """What instances cost while they run, with the volume of each.

    Args:
        component: What they are used for.
        groups: Of instances, each with `InstanceType`, and `InstanceCount` where that is not 1.
        gib: The size of each one's volume.
    """
    charges = []
    for group in groups:
        count = int(group.get("InstanceCount", 1))
        charges.append(Charge(component=component, items=(group["InstanceType"],), quantity=Span.of(count)))
        charges += volume(component, gib * count)
    return tuple(charges)


def volume(component: Component, gib: int) -> tuple[Charge, ...]:
    """What a volume of so many GB costs while it is there; one of none costs nothing.

    Args:
        component: What the instances are used for that it belongs to.
        gib: Its size.
    """
    quantity = Span.of(Decimal(gib))
    return (Charge(component=Component.STORAGE, items=(component.value,), quantity=quantity),) if gib else ()
