"""What a resource is charged for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from .resource import Resource
from .span import ONE, Span

HOURS_A_MONTH: Final = Decimal(730)
"""As AWS's own calculator has it.

Source: https://docs.aws.amazon.com/pricing-calculator/latest/userguide/estimates.html
"""
WORKING_DAYS_A_MONTH: Final = Decimal(22)
WORKING_HOURS_A_DAY: Final = Decimal(8)
ALL_MONTH: Final = Span.of(HOURS_A_MONTH)
_SOME: Final = Span(Decimal(1), None)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Something that costs money for as long as it is there.

    Attributes:
        component: What for.
        items: Of that, such as an instance type; several where it can be any of them, none where nothing says which.
        quantity: How many at once.
        hours: How long, in a month or in a run.
        note: What one should know of these numbers, if anything.
    """

    component: Component
    items: tuple[str, ...]
    quantity: Span = ONE
    hours: Span = ALL_MONTH
    note: str = ""

    @property
    def told(self) -> str:
        """What it is, for people: `ml.m5.large`, `30 GB for training`."""
        what = " or ".join(self.items) or "instances that AWS chooses"
        if self.component is Component.STORAGE:
            return f"{self.quantity.told} GB for {what}"
        return what if self.quantity in {ONE, _SOME} else f"{self.quantity.told} \N{MULTIPLICATION SIGN} {what}"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a resource costs.

    Attributes:
        charges: What it is charged for by time.
        by_use: What it is charged for besides, by use, which nobody knows before; empty for nothing.
        unpriced: Why its price is not known; empty where it is.
        runs: How often it runs in a month; None for what stands there all month.
        when: When it runs.
        job: What AWS calls the job that runs; empty for what is none, or several.
        name_prefix: What the names of its runs begin with; empty where that is not known.
    """

    charges: tuple[Charge, ...] = ()
    by_use: str = ""
    unpriced: str = ""
    runs: Span | None = None
    when: str = ""
    job: str = ""
    name_prefix: str = ""


Rule = Callable[[Resource], Cost]
Rules = Mapping[str, Rule]
"""What resources cost, by their type."""


def free(_: Resource) -> Cost:
    """Nothing."""
    return Cost()


def by_use(what: str) -> Rule:
    """By use alone."""
    return lambda _: Cost(by_use=what)


def until_idle(idle_seconds: Decimal | None) -> tuple[Span, str]:
    """How long somebody's machine runs in a month, and a note: all of it, unless it stops when nobody works.

    Nobody knows how long people will work, so it is counted as office hours, each day with the idle time behind.
    """
    if idle_seconds is None:
        return ALL_MONTH, ""
    idle = idle_seconds / 3600
    hours = min(HOURS_A_MONTH, WORKING_DAYS_A_MONTH * (WORKING_HOURS_A_DAY + idle))
    note = f"{WORKING_DAYS_A_MONTH} days of {WORKING_HOURS_A_DAY} h, and {idle.normalize():f} h until idle stop"
    return Span.of(hours), note
