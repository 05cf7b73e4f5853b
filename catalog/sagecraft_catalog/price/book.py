"""Looks prices up, and computes those that nobody has published from those that somebody has."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Final

from sagecraft_catalog.instance_type import InstanceUse, instance_types
from sagecraft_catalog.near_match import did_you_mean
from sagecraft_catalog.package_data import load
from sagecraft_catalog.region import no_such_region, partition

from .answer import Origin, Price
from .computing import ec2_ratio, family, proportion
from .row import INSTANCE_COMPONENTS, Component, Row, Unit
from .snapshot import rows_of

STALE_DAYS: Final = 90
"""AWS changes the price of something several times a year."""
ANYWHERE_IN_THE_US: Final = "unknown-us"
_NEAREST: Final = ("us-east-1", ANYWHERE_IN_THE_US, "us-west-2", "us-east-2")
"""The regions whose rows are taken first for another region: AWS's lowest prices, the same in all of them."""
_LONG_AGO: Final = date.min


class PriceBook:
    """Prices by region, component and item.

    Args:
        rows: Where several are for one thing, the newest counts.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._answers: dict[tuple[Component, str, str], Price] = {}
        self._nearest: dict[str, list[str]] = {}
        self._rows: dict[tuple[str, Component, str], Row] = {}
        for row in rows:
            key = (row.region, row.component, row.item)
            known = self._rows.get(key)
            if known is None or (known.date or _LONG_AGO) <= (row.date or _LONG_AGO):
                self._rows[key] = row

    @property
    def rows(self) -> Iterable[Row]:
        """Those that count."""
        return self._rows.values()

    def with_rows(self, rows: Iterable[Row]) -> "PriceBook":
        """This book, and others' rows."""
        return PriceBook([*self.rows, *rows])

    def dated(self, region: str) -> date:
        """The day that a region's newest row is of; where it has none, that of all regions."""
        days = [row.date for row in self.rows if row.date is not None]
        of_region = [row.date for row in self.rows if row.date is not None and row.region == region]
        return max(of_region or days)

    def price(self, component: Component, item: str, region: str) -> Price:
        """What something costs.

        Args:
            component: What for.
            item: Of that, such as an instance type.
            region: Where.
        """
        asked = (component, item, region)
        if asked not in self._answers:
            self._answers[asked] = self._price(*asked)
        return self._answers[asked]

    def _price(self, component: Component, item: str, region: str) -> Price:
        problem = _no_such(component, item, region)
        if problem is not None:
            return self._unknown(component, item, region, problem)
        exact = self._rows.get((region, component, item))
        if exact is not None:
            return Price(region, component, item, exact.unit, Origin.PUBLISHED, exact.reference, exact.usd, exact)
        computed = next(self._computed(component, item, region), None)
        return self._unknown(component, item, region, "no row to compute it from") if computed is None else computed

    def options(self, component: Component, region: str) -> list[Price]:
        """The cheapest and the dearest of what a component has, where it is not known which is meant."""
        items = {row.item for row in self.rows if row.component is component}
        if component in INSTANCE_COMPONENTS:
            items = {row.item for row in self.rows if row.component in INSTANCE_COMPONENTS}
        known = [(price.usd, price) for item in items if (price := self.price(component, item, region)).usd is not None]
        ordered = sorted(known, key=lambda each: (each[0] or Decimal(0), each[1].item))
        return [ordered[0][1], ordered[-1][1]] if ordered else []

    def _unknown(self, component: Component, item: str, region: str, why: str) -> Price:
        unit = next((row.unit for row in self.rows if row.component is component), Unit.HOUR)
        return Price(region, component, item, unit, Origin.UNKNOWN, why)

    def _computed(self, component: Component, item: str, region: str) -> Iterator[Price]:
        """Ways to compute a price, the most trustworthy first."""
        near = self._near(region)
        alike = INSTANCE_COMPONENTS if component in INSTANCE_COMPONENTS else (component,)
        for place in near:
            for other in (component, *(each for each in alike if each is not component)):
                row = self._rows.get((place, other, item))
                if row is not None:
                    yield self._from(row, component, item, region, row.usd, f"that of {_where(row, component, region)}")
            if component in INSTANCE_COMPONENTS and (ratio := ec2_ratio(item)) is not None:
                row = self._rows.get((place, Component.EC2, item.removeprefix("ml.")))
                if row is not None:
                    told = f"{ratio} \N{MULTIPLICATION SIGN} that of EC2 in {place}"
                    yield self._from(row, component, item, region, row.usd * ratio, told)
            yield from self._from_storage(component, item, region, place)
        yield from self._from_sizes(component, item, region, near)

    def _from_storage(self, component: Component, item: str, region: str, place: str) -> Iterator[Price]:
        """A volume costs as much as that of another use; of the dearer, where they differ."""
        if component is not Component.STORAGE:
            return
        rows = [row for row in self.rows if (row.region, row.component) == (place, Component.STORAGE)]
        if rows:
            dearest = max(rows, key=lambda row: row.usd)
            told = f"that of {dearest.item} in {place}"
            yield self._from(dearest, component, item, region, dearest.usd, told)

    def _from_sizes(self, component: Component, item: str, region: str, near: list[str]) -> Iterator[Price]:
        """The other sizes of a family in proportion to their memory, where AWS prices the family so."""
        if component not in INSTANCE_COMPONENTS:
            return
        for place in near:
            for kind, name, row in self._sizes.get((place, family(item)), ()):
                times = proportion(item, name if kind is not Component.EC2 else f"ml.{name}")
                ratio = Decimal(1) if kind is not Component.EC2 else ec2_ratio(item)
                if times is not None and ratio is not None:
                    told = (
                        f"{(times * ratio).normalize():f} \N{MULTIPLICATION SIGN} that of {name} for {kind} in {place}"
                    )
                    yield self._from(row, component, item, region, row.usd * times * ratio, told)

    @staticmethod
    def _from(row: Row, component: Component, item: str, region: str, usd: Decimal, told: str) -> Price:
        how = f"computed, {told}: {row.reference}"
        return Price(region, component, item, row.unit, Origin.COMPUTED, how, usd, row)

    def _near(self, region: str) -> list[str]:
        """The regions whose rows a price of a region is computed from, itself first."""
        if region not in self._nearest:
            others = [each for each in self._regions if partition(each) == partition(region) and each != region]
            self._nearest[region] = [region, *others]
        return self._nearest[region]

    @cached_property
    def _sizes(self) -> dict[tuple[str, str], list[tuple[Component, str, Row]]]:
        """The rows of instances by their region and family."""
        found: dict[tuple[str, str], list[tuple[Component, str, Row]]] = {}
        for (region, kind, name), row in self._rows.items():
            if kind in {*INSTANCE_COMPONENTS, Component.EC2}:
                found.setdefault((region, family(name)), []).append((kind, name, row))
        return found

    @cached_property
    def _regions(self) -> list[str]:
        """The regions that have rows, those first from which others are computed."""
        present = {row.region for row in self.rows}
        return [*(each for each in _NEAREST if each in present), *sorted(present - set(_NEAREST))]


@cache
def bundled_prices() -> PriceBook:
    """The prices that come with this package."""
    return PriceBook(rows_of(load("prices")))


def _no_such(component: Component, item: str, region: str) -> str | None:
    unknown = no_such_region(region)
    if unknown is not None:
        return f"{unknown[0].lower()}{unknown[1:]}".removesuffix(".")
    if component not in INSTANCE_COMPONENTS:
        return None
    allowed = instance_types(InstanceUse(component))
    if item not in allowed:
        return f"'{item}' is no instance type for {component}.{did_you_mean(item, allowed)}".removesuffix(".")
    return None


def _where(row: Row, component: Component, region: str) -> str:
    place = "the United States" if row.region == ANYWHERE_IN_THE_US else row.region
    if row.component is component:
        return place
    return f"{row.component}" if row.region == region else f"{row.component} in {place}"
