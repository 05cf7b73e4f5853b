"""What a look-up answers: a price, and how it is known."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .row import Component, Row, Unit


class Origin(StrEnum):
    """How a price is known."""

    PUBLISHED = "published"
    """Somebody has published it for that place and use."""
    COMPUTED = "computed"
    """It is computed from what is published for another place, use or size."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Price:
    """What one thing costs in one place, if that is known.

    Attributes:
        region: Where.
        component: What for.
        item: Of that, such as an instance type.
        unit: What is paid for once.
        origin: How it is known.
        how: From what, or why it is not known; a clause for people.
        usd: US dollars a unit; None where it is unknown.
        row: What is published, and it is computed from; None where it is unknown.
    """

    region: str
    component: Component
    item: str
    unit: Unit
    origin: Origin
    how: str
    usd: Decimal | None = None
    row: Row | None = None

    def age_days(self, today: date) -> int | None:
        """How old the row is that the price is known from; None where it has no date, or there is none."""
        if self.row is None or self.row.date is None:
            return None
        return (today - self.row.date).days
