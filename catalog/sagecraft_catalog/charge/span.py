"""An amount of which the least and the most are known, or the least alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True)
class Span:
    """An amount.

    Attributes:
        low: The least that it can be.
        high: The most; None where nothing says how much that is.
    """

    low: Decimal
    high: Decimal | None

    @classmethod
    def of(cls, amount: Decimal | int) -> "Span":
        """An amount that is known."""
        return cls(Decimal(amount), Decimal(amount))

    @classmethod
    def over(cls, spans: Iterable["Span"]) -> "Span":
        """From the least of these to the most."""
        every = list(spans)
        highs = [each.high for each in every if each.high is not None]
        return cls(min(each.low for each in every), max(highs) if len(highs) == len(every) else None)

    @property
    def is_known(self) -> bool:
        """Whether it is one amount."""
        return self.low == self.high

    @property
    def told(self) -> str:
        """The amount for people: `2`, `1 to 3`, `1 or more`."""
        low = f"{self.low.normalize():f}"
        if self.high is None:
            return f"{low} or more"
        return low if self.is_known else f"{low} to {self.high.normalize():f}"

    def __add__(self, other: "Span") -> "Span":
        """Both together."""
        return Span(self.low + other.low, None if self.high is None or other.high is None else self.high + other.high)

    def __mul__(self, other: "Span | Decimal") -> "Span":
        """Of two amounts that are not negative."""
        if isinstance(other, Decimal):
            other = Span.of(other)
        if self.high == 0 or other.high == 0:
            return NOTHING
        high = None if self.high is None or other.high is None else self.high * other.high
        return Span(self.low * other.low, high)

    def __truediv__(self, parts: Decimal) -> "Span":
        """One of so many parts."""
        return Span(self.low / parts, None if self.high is None else self.high / parts)

    def least(self, other: "Span") -> "Span":
        """The smaller one of both."""
        highs = [each.high for each in (self, other) if each.high is not None]
        return Span(min(self.low, other.low), min(highs) if highs else None)


NOTHING: Final = Span.of(0)
ONE: Final = Span.of(1)


def total(spans: Iterable[Span]) -> Span:
    """All of them together."""
    return sum(spans, NOTHING)
