"""What the work of an emulator would have cost on AWS, as its meter says."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Bill:
    """What an account would owe AWS.

    Attributes:
        usd: US dollars so far.
        usd_an_hour: From now on, for what is in use.
        unpriced: What was used that has no known price.
    """

    usd: Decimal
    usd_an_hour: Decimal
    unpriced: tuple[str, ...] = ()

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Bill":
        """That of an emulator's answer."""
        return cls(Decimal(members["usd"]), Decimal(members["usd_an_hour"]), tuple(members["unpriced"]))

    @property
    def told(self) -> str:
        """It, for people."""
        least = "at least " if self.unpriced else ""
        told = f"On AWS this would have cost {least}{_amount(self.usd)} so far"
        told += f", and costs {least}{_amount(self.usd_an_hour)} an hour from now on." if self.usd_an_hour else "."
        return f"{told} No price is known of {', '.join(self.unpriced)}." if self.unpriced else told

    @property
    def as_json(self) -> dict[str, Any]:
        """It, for machines."""
        return {"usd": float(self.usd), "usd_an_hour": float(self.usd_an_hour), "unpriced": list(self.unpriced)}


def _amount(usd: Decimal) -> str:
    return "less than $0.01" if 0 < usd < _CENT else f"${usd:,.2f}"
