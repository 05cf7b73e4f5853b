"""What a job costs: its instances and their volumes, for as long as its record says that it worked."""

from collections.abc import Callable, Iterable
from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.metering.metered import Members, Metered, machines

from .states import ENDED

_BILLABLE: Final = "BillableTimeInSeconds"


def metered_job(
    kind: str,
    component: Component,
    instances: Callable[[Members], Iterable[Members]],
    gib: Callable[[Members], int] = lambda _: 0,
) -> Metered:
    """How the jobs of a kind are charged: from the time at which their instances began to work.

    Args:
        kind: AWS's noun.
        component: What the instances are used for.
        instances: The groups of instances that a job's members ask for.
        gib: The size of the volume of each. Left out, they have none that is charged for.
    """
    begin, end = (f"{kind.removesuffix('Job')}{moment}Time" for moment in ("Start", "End"))

    def seconds(body: Members) -> float | None:
        if _BILLABLE in body:
            return float(body[_BILLABLE])
        return max(0.0, body[end] - body[begin]) if begin in body and end in body else None

    return Metered(
        by=lambda status, body: True if status not in ENDED and begin in body else None,
        charges=lambda _, record: machines(component, instances(record.body), gib=gib(record.body)),
        billed_seconds=seconds,
    )
