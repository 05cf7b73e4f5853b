"""Something that is left, and what removes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sagecraft_catalog.charge.charge import HOURS_A_MONTH
from sagecraft_catalog.price.book import PriceBook
from sagecraft_catalog.price.row import Component, Unit

_BYTES_A_GB: Final = Decimal(2**30)


@dataclass(frozen=True)
class Bill:
    """What something costs a month.

    Attributes:
        usd: US dollars; None where no price is known.
        how: By what it is counted, or why it is not.
    """

    usd: Decimal | None
    how: str

    def plus(self, other: "Bill") -> "Bill":
        """Both together."""
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Bill(usd, f"{self.how}, {other.how}")


FREE: Final = Bill(Decimal(0), "free")


@dataclass(frozen=True)
class Leftover:
    """Something that is left.

    Attributes:
        kind: What it is, in words.
        name: Its name.
        region: Where it is.
        why: Why it is left.
        bill: What it costs a month.
        command: The command that removes it.
        remove: Does the same; None for what others may need, which the user alone removes.
        order: What is removed first has the least.
    """

    kind: str
    name: str
    region: str
    why: str
    bill: Bill
    command: str
    remove: Callable[[], object] | None = field(compare=False, repr=False)
    order: int = 0

    def as_json(self) -> Mapping[str, Any]:
        """It for machines."""
        return {
            "kind": self.kind,
            "name": self.name,
            "region": self.region,
            "why": self.why,
            "monthly_usd": None if self.bill.usd is None else float(round(self.bill.usd, 6)),
            "how": self.bill.how,
            "command": self.command,
            "is_deleted": self.remove is not None,
        }


class Prices:
    """What things cost a month in a region.

    Args:
        book: The prices.
        region: The region.
    """

    def __init__(self, book: PriceBook, region: str) -> None:
        self._book, self._region = book, region

    def standing(self, component: Component, item: str, quantity: int = 1) -> Bill:
        """Something that is charged for as long as it is there.

        Args:
            component: What for.
            item: Of that, such as an instance type; of storage, its use.
            quantity: How many, or how many GB.
        """
        price = self._book.price(component, item, self._region)
        if price.usd is None:
            return Bill(None, f"no price of {item} for {component} is known")
        hours = HOURS_A_MONTH if price.unit is Unit.HOUR else Decimal(1)
        told = f"{quantity} GB for {item}" if component is Component.STORAGE else f"{quantity} x {item}"
        return Bill(price.usd * quantity * hours, f"{told} at {price.usd.normalize():f} USD/{price.unit}")

    def stored(self, item: str, size_bytes: int) -> Bill:
        """What is stored with a service.

        Args:
            item: Which storage, as price lists call it.
            size_bytes: How much there is.
        """
        gigabytes = Decimal(size_bytes) / _BYTES_A_GB
        told = f"{gigabytes:,.3f} GB"
        if not size_bytes:
            return Bill(Decimal(0), "empty")
        price = self._book.price(Component.SERVICE, item, self._region)
        if price.usd is None:
            return Bill(None, f"{told}, and no price of {item} is known")
        return Bill(price.usd * gigabytes, f"{told} at {price.usd.normalize():f} USD/{price.unit}")


def option_of(member: str) -> str:
    """What the AWS CLI calls a member of a request: `endpoint-name` of `EndpointName`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in member).removeprefix("-")
