"""What the templates of an app will cost, resource by resource, and together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from sagecraft_catalog.price.answer import Price
from sagecraft_catalog.price.book import PriceBook
from sagecraft_catalog.price.row import Unit

from .charge import HOURS_A_MONTH, Charge, Cost, Rules
from .off_switch import OffSwitch, off_switches, switched
from .resource import Resource, StackTemplate, resources_of
from .span import NOTHING, Span, total

UNKNOWN_REGION: Final = "unknown-region"
DEFAULT_REGION: Final = "us-east-1"
"""Where something is counted whose region is not known before it is deployed: where AWS has its lowest prices."""
_UNTAGGED: Final = ""


@dataclass(frozen=True)
class PricedCharge:
    """A charge, with what it costs.

    Attributes:
        charge: What for.
        prices: What that costs; of several, it can be any.
    """

    charge: Charge
    prices: tuple[Price, ...]

    @property
    def is_priced(self) -> bool:
        """Whether every price is known."""
        return bool(self.prices) and all(price.usd is not None for price in self.prices)

    @property
    def hourly(self) -> Span:
        """US dollars an hour, while it is there."""
        return self.charge.quantity * self._usd / self._hours_a_unit

    @property
    def amount(self) -> Span:
        """US dollars for all of its hours: those of a month, or of a run."""
        return self.charge.quantity * self._usd * self.charge.hours / self._hours_a_unit

    @property
    def _usd(self) -> Span:
        known = [price.usd for price in self.prices if price.usd is not None]
        if not known:
            return NOTHING
        return Span(min(known), max(known) if len(known) == len(self.prices) else None)

    @property
    def _hours_a_unit(self) -> Decimal:
        match self.prices[0].unit if self.prices else Unit.HOUR:
            case Unit.HOUR:
                return Decimal(1)
            case Unit.MONTH | Unit.GB_MONTH:
                return HOURS_A_MONTH
            case other:
                raise ValueError(f"Nothing is charged by the {other} for as long as it is there.")


@dataclass(frozen=True)
class ResourceCost:
    """What a resource costs.

    Attributes:
        resource: Which.
        cost: What it is charged for.
        charges: The same, with prices.
    """

    resource: Resource
    cost: Cost
    charges: tuple[PricedCharge, ...]

    @property
    def hourly(self) -> Span:
        """US dollars an hour: while it stands there, or while it runs."""
        return self._unless_conditional(total(charge.hourly for charge in self.charges))

    @property
    def monthly(self) -> Span:
        """US dollars a month; of a job, for all of its runs."""
        once = total(charge.amount for charge in self.charges)
        return self._unless_conditional(once if self.cost.runs is None else once * self.cost.runs)

    @property
    def per_run(self) -> Span | None:
        """US dollars for a run at worst; None for what does not run."""
        return None if self.cost.runs is None else total(charge.amount for charge in self.charges)

    @property
    def is_job(self) -> bool:
        """Whether it is paid for by the run."""
        return self.cost.runs is not None

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What of it has no price; nothing where all has."""
        reasons = [self.cost.unpriced] if self.cost.unpriced else []
        for charge in self.charges:
            if not charge.is_priced:
                reasons += [price.how for price in charge.prices if price.usd is None] or ["nothing says what it is"]
        return tuple(reasons)

    @property
    def is_free(self) -> bool:
        """Whether nothing of it costs anything."""
        return not (self.charges or self.cost.by_use or self.unpriced)

    def _unless_conditional(self, span: Span) -> Span:
        return Span(Decimal(0), span.high) if self.resource.is_conditional else span


@dataclass(frozen=True)
class Estimate:
    """What templates cost.

    Attributes:
        resources: Each resource, in the order of its template.
    """

    resources: tuple[ResourceCost, ...]

    @property
    def hourly(self) -> Span:
        """US dollars an hour, of what stands there."""
        return total(each.hourly for each in self.resources if not each.is_job)

    @cached_property
    def monthly(self) -> Span:
        """US dollars a month, with the jobs that are known to run."""
        return total(each.monthly for each in self.resources)

    @property
    def is_at_least(self) -> bool:
        """Whether something costs money that is not counted, or nothing says how much."""
        return self.monthly.high is None or any(each.unpriced or each.cost.by_use for each in self.resources)

    @property
    def prices(self) -> list[Price]:
        """The prices that it was counted by, each once."""
        every = [price for each in self.resources for charge in each.charges for price in charge.prices]
        return list(dict.fromkeys(every))

    def dearest(self, count: int) -> list[ResourceCost]:
        """The resources that cost most in a month, the dearest first."""
        costly = [each for each in self.resources if each.monthly != NOTHING]
        return sorted(costly, key=lambda each: (each.monthly.high is None, most(each.monthly)), reverse=True)[:count]

    def by_stack(self) -> Mapping[str, Span]:
        """US dollars a month by stack."""
        return self._by(lambda each: each.resource.stack)

    def by_tag(self, key: str) -> Mapping[str, Span]:
        """US dollars a month by the value of a tag; that of what has none is empty."""
        return self._by(lambda each: each.resource.tags.get(key, _UNTAGGED))

    def tags(self) -> list[str]:
        """The keys of tags that something costly has."""
        costly = [each for each in self.resources if each.charges]
        return sorted({key for each in costly for key in each.resource.tags if key != "Name" and ":" not in key})

    def _by(self, key: Callable[[ResourceCost], str]) -> Mapping[str, Span]:
        sums: dict[str, Span] = {}
        for each in self.resources:
            sums[key(each)] = sums.get(key(each), NOTHING) + each.monthly
        return {name: span for name, span in sums.items() if span != NOTHING}


def most(span: Span) -> Decimal:
    """The most that is known of an amount: where nothing says how much, the least."""
    return span.low if span.high is None else span.high


def estimate(stacks: Sequence[StackTemplate], book: PriceBook, rules: Rules) -> Estimate:
    """What the resources of stacks cost.

    Args:
        stacks: Of an app.
        book: The prices.
        rules: What resources are charged for, by their type.

    Raises:
        OSError: The template of a nested stack is not where its stack says.
    """
    resources = resources_of(list(stacks))
    switches = off_switches(resources)
    return Estimate(tuple(_cost(each, book, rules, switches) for each in resources))


def _cost(resource: Resource, book: PriceBook, rules: Rules, switches: Sequence[OffSwitch]) -> ResourceCost:
    rule = rules.get(resource.type)
    if rule is None:
        return ResourceCost(resource, Cost(unpriced=f"no price is known of an {resource.type}"), ())
    cost = switched(resource, rule(resource), switches)
    region = DEFAULT_REGION if resource.region in {UNKNOWN_REGION, ""} else resource.region
    return ResourceCost(resource, cost, tuple(_priced(charge, book, region) for charge in cost.charges))


def _priced(charge: Charge, book: PriceBook, region: str) -> PricedCharge:
    if not charge.items:
        return PricedCharge(charge, tuple(book.options(charge.component, region)))
    return PricedCharge(charge, tuple(book.price(charge.component, item, region) for item in charge.items))


def changes(
    before: Iterable[ResourceCost], after: Iterable[ResourceCost]
) -> list[tuple[ResourceCost | None, ResourceCost | None]]:
    """What costs otherwise than before: as it was, and as it is; None where it was not, or is no more."""
    old = {(each.resource.stack, each.resource.logical_id): each for each in before}
    new = {(each.resource.stack, each.resource.logical_id): each for each in after}
    pairs = [(old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))]
    return [(was, now) for was, now in pairs if _told(was) != _told(now)]


def _told(cost: ResourceCost | None) -> tuple[object, ...]:
    """What there is to count of a resource: nothing of one that is not there, is free, or is charged by use alone."""
    if cost is None or not (cost.charges or cost.unpriced):
        return ()
    return cost.monthly, cost.per_run, cost.unpriced
