"""A budget that an app has to keep before it is deployed."""

import math
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sagecraft_catalog.charge.charge import until_idle
from sagecraft_catalog.charge.estimate import Estimate, ResourceCost, most
from sagecraft_catalog.charge.notebook import stops_when_idle
from sagecraft_catalog.errors import UnknownInstanceType
from sagecraft_catalog.instance_type import InstanceUse, instance_size, instance_types
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_catalog.price.row import INSTANCE_COMPONENTS

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .gate import Gate, Violation

_MOST_NAMED: Final = 3


class OnExceed(StrEnum):
    """What becomes of an app that costs more than its budget."""

    FAIL = "fail"
    """It is not synthesized, so it cannot be deployed."""
    WARN = "warn"
    """It is told, and goes on."""


class Budget(Gate):
    """Refuses to synthesize an app that would cost more in a month than it may.

    What stands there is counted for 730 hours, a notebook with an idle stop for office hours, a job that is run at
    deployment once and at its limit; where templates allow several sizes, the largest. What is charged by use, and what
    has no price, is not counted: `sagecraft cost` names it. The prices are those that come with this package.

    `Validations.of(app).add_plugins(Budget(monthly_usd=200))` looks at an app; `Aspects.of(stack).add(…)` at a part.
    """

    @check_props
    def __init__(self, *, monthly_usd: float, on_exceed: OnExceed = OnExceed.FAIL) -> None:
        """A budget.

        Args:
            monthly_usd: US dollars a month, more than zero.
            on_exceed: What becomes of an app that costs more.

        Raises:
            InvalidProps: The amount is not more than zero, or not known.
        """
        problems = Problems("Budget")
        problems.require_known(monthly_usd=monthly_usd)
        if not is_token(monthly_usd) and not 0 < monthly_usd < math.inf:
            problems.add("monthly_usd", f"should be more than 0, got {monthly_usd}.")
        problems.raise_any()
        super().__init__("Sagecraft budget")
        self._monthly = Decimal(str(monthly_usd))
        self._on_exceed = on_exceed

    def _violations(self, found: Estimate) -> Iterator[Violation]:
        month = most(found.monthly)
        if month <= self._monthly:
            return
        dearest = found.dearest(_MOST_NAMED)
        least = "at least " if found.is_at_least else ""
        over = month - self._monthly
        listed = "; ".join(f"{cost.resource.path}: {_usd(most(cost.monthly))}, {_what(cost)}" for cost in dearest)
        yield Violation(
            "monthly-budget",
            f"What is declared would cost {least}{_usd(month)} a month, which is {_usd(over)} over its "
            f"budget of {_usd(self._monthly)}. The dearest of it: {listed}.",
            _ways(found, over, self._monthly),
            tuple(dearest[:1]),
            is_error=self._on_exceed is OnExceed.FAIL,
        )


def _ways(found: Estimate, over: Decimal, budget: Decimal) -> str:
    """What would bring an app under its budget, the smallest change first."""
    ways = [
        way for cost in found.dearest(_MOST_NAMED) for way in (_with_idle_stop(cost, over), _smaller(cost, over)) if way
    ]
    alone = next((cost for cost in found.dearest(1) if most(cost.monthly) > over), None)
    if alone is not None:
        ways.append(f"leave out '{alone.resource.path}'")
    ways.append(f"raise monthly_usd from {_usd(budget)} if that is worth it")
    return "To come under it: " + "; or ".join(ways) + "."


def _with_idle_stop(cost: ResourceCost, over: Decimal) -> str:
    """Whether an idle stop would do, of an hour."""
    if stops_when_idle(cost.resource) is not False:
        return ""
    hours = most(until_idle(Decimal(3600))[0])
    machines = [each for each in cost.charges if each.charge.component in INSTANCE_COMPONENTS]
    saved = sum((most(each.amount) - most(each.hourly) * hours for each in machines), Decimal(0))
    return f"stop '{cost.resource.path}' when it is idle, which saves {_usd(saved)}" if saved >= over else ""


def _smaller(cost: ResourceCost, over: Decimal) -> str:
    """The largest instance type of its kind by which a resource costs so much less."""
    charge = next((each for each in cost.charges if each.charge.component in INSTANCE_COMPONENTS), None)
    if charge is None or cost.is_job or len(charge.prices) != 1 or not charge.prices[0].usd:
        return ""
    price, now = charge.prices[0], most(charge.amount)
    one = now / charge.prices[0].usd
    book = bundled_prices()
    fitting = [
        (amount, name)
        for name in instance_types(InstanceUse(price.component))
        if _has_gpus(name) == _has_gpus(price.item)
        and (usd := book.price(price.component, name, price.region).usd) is not None
        and now - (amount := one * usd) >= over
    ]
    if not fitting:
        return ""
    amount, name = max(fitting)
    return f"give '{cost.resource.path}' at most {name} in place of {price.item}, for {_usd(amount)}"


def _has_gpus(instance_type: str) -> bool:
    try:
        return instance_size(instance_type).gpus > 0
    except UnknownInstanceType:
        return False


def _what(cost: ResourceCost) -> str:
    return "; ".join(dict.fromkeys(each.charge.told for each in cost.charges))


def _usd(amount: Decimal) -> str:
    return f"${amount:,.2f}"
