"""The form in which prices are kept: groups of rows that share their region, component, unit, date and source."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from sagecraft_catalog.errors import InvalidPrices

from .row import Component, Row, Unit


def rows_of(content: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of a snapshot.

    Raises:
        InvalidPrices: It is none.
    """
    try:
        for group in content["groups"]:
            component, unit, day = Component(group["component"]), Unit(group["unit"]), _day(group["date"])
            for item, usd in group["usd"].items():
                yield Row(group["region"], component, item, _amount(usd), unit, day, group["source"])
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise InvalidPrices(f"These are no prices: {error!r}.") from error


def content_of(rows: Iterable[Row]) -> dict[str, Any]:
    """The snapshot that holds these rows."""
    groups = groupby(sorted(rows, key=lambda row: (_group(row), row.item)), key=_group)
    return {
        "groups": [
            {
                "region": region,
                "component": component,
                "unit": unit,
                "date": day or None,
                "source": source,
                "usd": {row.item: str(row.usd) for row in members},
            }
            for (region, component, unit, day, source), members in groups
        ]
    }


def _group(row: Row) -> tuple[str, str, str, str, str]:
    return row.region, row.component.value, row.unit.value, "" if row.date is None else str(row.date), row.source


def _amount(usd: str) -> Decimal:
    amount = Decimal(usd)
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{usd} is no price")
    return amount


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    year, *rest = (int(part) for part in text.split("-"))
    return date(year, *[*rest, 1, 1][:2])
