"""A budget: its period, its limit, and what is spent of it.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sagecraft_emulator.billing.explorer.use import DIMENSIONS, Filter, passing
from sagecraft_emulator.errors import not_done
from sagecraft_emulator.metering.meter import Line, hourly

COST: Final = "COST"
_HOUR_SECONDS: Final = 3600
_TAG_FILTER: Final = "TagKeyValue"
_USER_TAG: Final = "user:"
_FILTERS: Final[Mapping[str, str]] = {
    "".join(word.capitalize() for word in name.split("_")): name for name in DIMENSIONS
}
"""What Cost Explorer calls what a filter of a budget names: `LinkedAccount` is `LINKED_ACCOUNT`."""


def filter_of(budget: Mapping[str, Any]) -> Filter:
    """Which use a budget counts.

    Raises:
        ApiError: Its filter is none, or has what is not done here.
    """
    if "FilterExpression" in budget:
        return passing(budget["FilterExpression"])
    parts = [_part(name, values) for name, values in budget.get("CostFilters", {}).items()]
    return lambda line: all(part(line) for part in parts)


def _part(name: str, values: list[str]) -> Filter:
    if name == _TAG_FILTER:
        wanted = {tuple(each.removeprefix(_USER_TAG).split("$", 1)) for each in values}
        return lambda line: any(each in wanted for each in line.tags.items())
    if name not in _FILTERS:
        raise not_done(
            f"CostFilters of a budget by '{name}' are not done by this emulator: give "
            f"{', '.join(sorted((*_FILTERS, _TAG_FILTER)))}."
        )
    value_of = DIMENSIONS[_FILTERS[name]]
    return lambda line: value_of(line) in values


@dataclass(frozen=True)
class Spend:
    """What is spent of a budget in its present period.

    Attributes:
        limit: US dollars.
        actual: Until now.
        forecast: Until the period's end, if what is in use stays so.
        begin: When the period began, in epoch seconds.
    """

    limit: Decimal
    actual: Decimal
    forecast: Decimal
    begin: float

    def of(self, notification_type: str) -> Decimal:
        """The one that a notification is about."""
        return self.actual if notification_type == "ACTUAL" else self.forecast

    def passes(self, notification_type: str, threshold: float, threshold_type: str, operator: str) -> bool:
        """Whether it is beyond a threshold, which may be a share of the limit."""
        spent, bound = self.of(notification_type), self.bound(threshold, threshold_type)
        match operator:
            case "GREATER_THAN":
                return spent > bound
            case "LESS_THAN":
                return spent < bound
            case _:
                return spent == bound

    def bound(self, threshold: float, threshold_type: str) -> Decimal:
        """A threshold in US dollars."""
        given = Decimal(str(threshold))
        return given if threshold_type == "ABSOLUTE_VALUE" else self.limit * given / 100


@dataclass(frozen=True)
class Budget:
    """A budget of an account.

    Attributes:
        account: Whose.
        members: As the API has it.
    """

    account: str
    members: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.members["BudgetName"])

    @cached_property
    def is_counted(self) -> bool:
        """Whether what is spent of it is known: costs are, by a limit."""
        return self.members["BudgetType"] == COST and any(
            self.members.get(member) for member in ("BudgetLimit", "PlannedBudgetLimits")
        )

    def spend(self, lines: Iterable[Line], now: float) -> Spend | None:
        """What is spent of it; None where it has no period at that time."""
        period = self.period(now)
        if period is None:
            return None
        begin, end = period
        passes = filter_of(self.members)
        counted = [line for line in lines if line.account == self.account and passes(line)]
        actual = sum((line.usd_within(begin, now + 1) for line in counted), Decimal(0))
        following = hourly(counted) * Decimal(str(end - now)) / _HOUR_SECONDS
        return Spend(self._limit(begin), actual, actual + following, begin)

    def period(self, now: float) -> tuple[float, float] | None:
        """When its present period began and will end, in epoch seconds; None where it has none."""
        asked = self.members.get("TimePeriod", {})
        first, last = float(asked.get("Start", 0)), float(asked.get("End", now + 1))
        if not first <= now < last:
            return None
        unit = self.members["TimeUnit"]
        if unit == "CUSTOM":
            return first, last
        day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        begin, months = day.replace(day=1), 1
        match unit:
            case "DAILY":
                return day.timestamp(), day.timestamp() + 24 * _HOUR_SECONDS
            case "QUARTERLY":
                begin, months = begin.replace(month=(day.month - 1) // 3 * 3 + 1), 3
            case "ANNUALLY":
                begin, months = begin.replace(month=1), 12
        over = begin.month - 1 + months
        end = begin.replace(year=begin.year + over // 12, month=over % 12 + 1)
        return begin.timestamp(), end.timestamp()

    def _limit(self, begin: float) -> Decimal:
        planned = {float(since): each for since, each in self.members.get("PlannedBudgetLimits", {}).items()}
        if not planned:
            return Decimal(str(self.members["BudgetLimit"]["Amount"]))
        past = [since for since in planned if since <= begin] or [min(planned)]
        return Decimal(str(planned[max(past)]["Amount"]))
