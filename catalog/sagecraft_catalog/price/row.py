"""A price as somebody has published it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Component(StrEnum):
    """What a price is for; the uses of instances have the names that `InstanceUse` gives them."""

    TRAINING = "training"
    HOSTING = "hosting"
    NOTEBOOK = "notebook"
    PROCESSING = "processing"
    TRANSFORM = "transform"
    STUDIO = "studio"
    STORAGE = "storage"
    """The volumes of instances: its items are the uses that these have."""
    DATA = "data"
    """What goes into and out of endpoints."""
    SERVERLESS = "serverless"
    """Inference without instances: its items are sizes of memory."""
    EC2 = "ec2"
    """Instances of EC2, from whose prices those of SageMaker's are computed."""
    SERVICE = "service"
    """What other services ask for as long as it is there: keys, gateways, alarms."""


INSTANCE_COMPONENTS: Final = (
    Component.TRAINING,
    Component.HOSTING,
    Component.NOTEBOOK,
    Component.PROCESSING,
    Component.TRANSFORM,
    Component.STUDIO,
)


class Unit(StrEnum):
    """What is paid for once at a price."""

    HOUR = "hour"
    MONTH = "month"
    GB_MONTH = "GB-month"
    GB = "GB"
    SECOND = "second"


@dataclass(frozen=True)
class Row:
    """A price that somebody has published.

    Attributes:
        region: Where it holds; `unknown-us` where the source names none, and the prices are those of the United States.
        component: What for.
        item: Of that, such as an instance type.
        usd: US dollars a unit.
        unit: What is paid for once.
        date: When it was so; a month or a year alone is its first day. None where the source has no date.
        source: Who says so.
    """

    region: str
    component: Component
    item: str
    usd: Decimal
    unit: Unit
    date: date | None
    source: str

    @property
    def reference(self) -> str:
        """What the row says, and where it is from, for people."""
        when = "undated" if self.date is None else f"of {self.date}"
        return f"{self.region} {self.component} {self.item}, {self.usd} USD/{self.unit}, {when}: {self.source}"
