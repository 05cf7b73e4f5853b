"""What is told of an estimate: figures for people, for machines and for a pull request."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sagecraft_catalog.charge.estimate import DEFAULT_REGION, UNKNOWN_REGION, Estimate, ResourceCost, changes
from sagecraft_catalog.charge.span import NOTHING, Span
from sagecraft_catalog.price.answer import Price
from sagecraft_catalog.price.book import STALE_DAYS, PriceBook

from .measured import Measured

_TEAM_TAG: Final = "team"
_ESCAPED_IN_MARKDOWN: Final = str.maketrans({each: f"\\{each}" for each in "\\`*_{}[]<>|#"})


@dataclass(frozen=True)
class Report:
    """An estimate, with what there is to say of it.

    Attributes:
        estimate: Of the app.
        book: The prices that it was made by.
        today: When.
        measured: The last runs of jobs, by the prefix of their names.
        base: What the app cost before; None where nothing is compared.
    """

    estimate: Estimate
    book: PriceBook
    today: date
    measured: Mapping[str, Measured] = field(default_factory=dict)
    base: Estimate | None = None

    @property
    def total(self) -> str:
        """The month, in words."""
        return usd(self.estimate.monthly, at_least=self.estimate.is_at_least)

    def rows(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Of each resource that is counted: its path, what it is, and US dollars an hour, a month and a run."""
        for each in self.costly():
            run = "" if each.per_run is None else usd(each.per_run)
            yield each.resource.path, self.about(each), usd(each.hourly, places=4), self.month(each), run

    def costly(self) -> list[ResourceCost]:
        """The resources that cost something by time, or have no price."""
        return [each for each in self.estimate.resources if each.charges or each.unpriced]

    @staticmethod
    def month(cost: ResourceCost) -> str:
        """What a resource costs in a month; of one without a price, that."""
        if cost.unpriced and cost.monthly == NOTHING:
            return "unpriced"
        return usd(cost.monthly, at_least=bool(cost.unpriced))

    def about(self, cost: ResourceCost) -> str:
        """What a resource is charged for."""
        return "; ".join(dict.fromkeys(each.charge.told for each in cost.charges)) or cost.resource.type

    def notes(self) -> Iterator[str]:
        """What one should know of the figures, each a sentence."""
        if any(each.resource.region in {UNKNOWN_REGION, ""} for each in self.estimate.resources):
            yield f"Counted as in {DEFAULT_REGION}, where no region is known yet."
        for each in self.costly():
            yield from (f"{each.resource.path}: {told}." for told in self._told(each))
        by_use = Counter(each.resource.type for each in self.estimate.resources if each.cost.by_use)
        if by_use:
            listed = ", ".join(f"{count} {type_}" for type_, count in sorted(by_use.items()))
            yield f"Charged by use besides, which nobody knows before, so not counted: {listed}."
        yield self._ages()
        yield from (_traced(price) for price in self.estimate.prices if price.usd is not None)

    def _told(self, cost: ResourceCost) -> Iterator[str]:
        yield from dict.fromkeys(each.charge.note for each in cost.charges if each.charge.note)
        if cost.cost.when:
            yield f"runs {cost.cost.when}"
        measured = self.measured.get(cost.cost.name_prefix)
        if measured is not None:
            took = f"{measured.seconds:,.0f} s of instances when {measured.job} ran last on the emulator"
            yield f"{usd(measured.usd, places=4)} by the {took}"
        yield from (f"unpriced, {reason}" for reason in dict.fromkeys(cost.unpriced))

    def _ages(self) -> str:
        regions = sorted({price.region for price in self.estimate.prices}) or [DEFAULT_REGION]
        told = [self._age(region) for region in regions]
        return f"Prices: {'; '.join(told)}."

    def _age(self, region: str) -> str:
        day = self.book.dated(region)
        age = (self.today - day).days
        if age < 0:
            return f"{region} of {day}, which is after today: set the clock"
        stale = f", which is stale: sagecraft prices refresh --region {region}" if age > STALE_DAYS else ""
        return f"{region} of {day}, {age} days old{stale}"

    def totals(self) -> Iterator[tuple[str, Mapping[str, Span]]]:
        """US dollars a month by stack, by team, and by each other tag that something costly has."""
        yield "Stack", self.estimate.by_stack()
        tags = self.estimate.tags()
        for key in sorted(tags, key=lambda each: (each != _TEAM_TAG, each)):
            yield f"Tag {key}" if key != _TEAM_TAG else "Team", self.estimate.by_tag(key)

    def changed(self) -> Iterator[tuple[str, str, str, str]]:
        """Of what costs otherwise than before: its path, US dollars a month before and now, and what that makes."""
        before = () if self.base is None else self.base.resources
        for was, now in changes(before, self.estimate.resources):
            one = now or was
            if one is None:
                continue
            yield one.resource.path, _or_nothing(self, was), _or_nothing(self, now), _change(was, now)

    def json(self) -> dict[str, Any]:
        """All of it, for machines."""
        estimate = self.estimate
        told: dict[str, Any] = {
            "currency": "USD",
            "monthly": _numbers(estimate.monthly),
            "hourly": _numbers(estimate.hourly),
            "at_least": estimate.is_at_least,
            "by_stack": {name: _numbers(span) for name, span in estimate.by_stack().items()},
            "by_tag": {
                key: {value: _numbers(span) for value, span in estimate.by_tag(key).items()} for key in estimate.tags()
            },
            "resources": [self._json_of(each) for each in estimate.resources if not each.is_free],
            "notes": list(self.notes()),
        }
        if self.base is not None:
            told["base_monthly"] = _numbers(self.base.monthly)
            told["changes"] = [
                {"path": path, "before": before, "now": now, "change": change}
                for path, before, now, change in self.changed()
            ]
        return told

    def _json_of(self, cost: ResourceCost) -> dict[str, Any]:
        measured = self.measured.get(cost.cost.name_prefix)
        return {
            "stack": cost.resource.stack,
            "logical_id": cost.resource.logical_id,
            "path": cost.resource.path,
            "type": cost.resource.type,
            "region": cost.resource.region,
            "tags": dict(cost.resource.tags),
            "hourly": _numbers(cost.hourly),
            "monthly": _numbers(cost.monthly),
            "per_run": None if cost.per_run is None else _numbers(cost.per_run),
            "when": cost.cost.when or None,
            "measured": None
            if measured is None
            else {"job": measured.job, "seconds": measured.seconds, "usd": _numbers(measured.usd)},
            "by_use": cost.cost.by_use or None,
            "unpriced": list(cost.unpriced),
            "prices": [_json_of_price(price) for charge in cost.charges for price in charge.prices],
        }

    def markdown(self) -> str:
        """What a pull request is told: the change, if there is a base, and else all of it."""
        title = f"**{self.total} a month**"
        if self.base is not None:
            was = usd(self.base.monthly, at_least=self.base.is_at_least)
            title = (
                f"**{_difference(self.base.monthly, self.estimate.monthly)} a month**: {was} before, {self.total} now"
            )
        lines = ["### What this costs on AWS", "", title, ""]
        if self.base is None:
            head = ("Resource", "What", "An hour", "A month", "A run at worst")
            lines += _table(head, list(self.rows()))
        elif rows := list(self.changed()):
            lines += _table(("Resource", "Before", "Now", "Change"), rows)
        else:
            lines.append("Nothing costs otherwise than before.")
        notes = [f"- {note.translate(_ESCAPED_IN_MARKDOWN)}" for note in self.notes()]
        return "\n".join(
            [*lines, "", "<details><summary>What these figures say</summary>", "", *notes, "", "</details>", ""]
        )


def usd(span: Span, *, places: int = 2, at_least: bool = False) -> str:
    """An amount for people: `$1.50`, `$1.50 to $3.00`, `at least $1.50`."""
    low = f"${span.low:,.{places}f}"
    if span.high is None or at_least:
        return f"at least {low}"
    return low if f"${span.high:,.{places}f}" == low else f"{low} to ${span.high:,.{places}f}"


def _traced(price: Price) -> str:
    """Where a price comes from."""
    told = f"{price.item} for {price.component} in {price.region}"
    return f"Price of {told}: {price.usd.normalize() if price.usd else 0:f} USD/{price.unit} ({price.how})."


def _or_nothing(report: Report, cost: ResourceCost | None) -> str:
    return "" if cost is None or cost.is_free else report.month(cost)


def _change(was: ResourceCost | None, now: ResourceCost | None) -> str:
    return _difference(NOTHING if was is None else was.monthly, NOTHING if now is None else now.monthly)


def _difference(before: Span, now: Span) -> str:
    change = now.low - before.low
    sign = "-" if change < 0 else "+"
    open_ended = "" if before.high is not None and now.high is not None else " or more"
    return f"{sign}${abs(change):,.2f}{open_ended}"


def _numbers(span: Span) -> dict[str, float | None]:
    return {"low": _rounded(span.low), "high": None if span.high is None else _rounded(span.high)}


def _rounded(amount: Decimal) -> float:
    return float(round(amount, 6))


def _json_of_price(price: Price) -> dict[str, Any]:
    return {
        "component": price.component,
        "item": price.item,
        "region": price.region,
        "usd": None if price.usd is None else float(price.usd),
        "unit": price.unit,
        "origin": price.origin,
        "how": price.how,
        "date": None if price.row is None or price.row.date is None else str(price.row.date),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [[cell.translate(_ESCAPED_IN_MARKDOWN) for cell in row] for row in rows]
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *cells)]
