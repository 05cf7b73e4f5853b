"""What is spent of a budget: its period, its limit, its filter; and what is refused of its actions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.billing.budgets.action import check
from sagecraft_emulator.billing.budgets.budget import Budget, Spend
from sagecraft_emulator.errors import ApiError

from tests.emulator.metering.books import ACCOUNT, START, Books

AN_HOUR = Decimal("0.23")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """Two hours of an endpoint of team churn, on 15 September."""
    made = Books(tmp_path / "sagemaker.sqlite3")
    made.endpoint("endpoint", "ml.m5.xlarge", team="churn")
    made.pass_seconds(7200)
    yield made
    made.store.close()


def budget(**members: Any) -> Budget:
    limit = {"Amount": "10", "Unit": "USD"}
    whole = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit, **members}
    return Budget(ACCOUNT, whole)


def spend(books: Books, **members: Any) -> Spend | None:
    return budget(**members).spend(books.meter.lines(), books.meter.now())


def day(month: int, number: int, year: int = 2026) -> float:
    return datetime(year, month, number, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("members", "period"),
    [
        ({"TimeUnit": "DAILY"}, (day(9, 15), day(9, 16))),
        ({}, (day(9, 1), day(10, 1))),
        ({"TimeUnit": "QUARTERLY"}, (day(7, 1), day(10, 1))),
        ({"TimeUnit": "ANNUALLY"}, (day(1, 1), day(1, 1, 2027))),
        ({"TimeUnit": "CUSTOM", "TimePeriod": {"Start": day(9, 10), "End": day(12, 24)}}, (day(9, 10), day(12, 24))),
        ({"TimePeriod": {"Start": day(9, 16)}}, None),
        ({"TimePeriod": {"Start": day(1, 1), "End": day(9, 15)}}, None),
    ],
)
def test_the_period_of_a_budget(members: dict[str, Any], period: tuple[float, float] | None) -> None:
    assert budget(**members).period(START) == period


def test_the_last_month_and_quarter_of_a_year_end_with_it() -> None:
    for unit, begin in (("MONTHLY", day(12, 1)), ("QUARTERLY", day(10, 1))):
        assert budget(TimeUnit=unit).period(day(12, 31)) == (begin, day(1, 1, 2027))


def test_what_is_spent_and_what_will_be(books: Books) -> None:
    spent = spend(books)
    assert spent is not None
    left = Decimal(day(10, 1) - books.wall) / 3600
    assert spent.actual == pytest.approx(2 * AN_HOUR, abs=Decimal("1e-6"))
    assert spent.forecast == pytest.approx((2 + left) * AN_HOUR, abs=Decimal("1e-6"))
    assert spent.limit == 10
    assert spent.begin == day(9, 1)


@pytest.mark.parametrize(
    ("filters", "counts"),
    [
        ({"TagKeyValue": ["user:team$churn", "user:team$fraud"]}, True),
        ({"TagKeyValue": ["user:team$fraud"]}, False),
        ({"Service": ["Amazon SageMaker"], "Region": ["us-east-1"]}, True),
        ({"Service": ["Amazon SageMaker"], "Region": ["eu-west-1"]}, False),
        ({"LinkedAccount": [ACCOUNT], "UsageType": ["USE1-Host:ml.m5.xlarge"]}, True),
    ],
)
def test_a_budget_counts_what_its_filters_say(books: Books, filters: dict[str, list[str]], *, counts: bool) -> None:
    spent = spend(books, CostFilters=filters)
    assert spent is not None
    assert bool(spent.actual) is counts


def test_the_planned_limit_of_the_period_counts(books: Books) -> None:
    planned = {str(int(day(month, 1))): {"Amount": str(month), "Unit": "USD"} for month in (8, 9, 10)}
    spent = spend(books, BudgetLimit=None, PlannedBudgetLimits=planned)
    assert spent is not None
    assert spent.limit == 9


@pytest.mark.parametrize(
    ("threshold", "passes"),
    [
        (("ACTUAL", 20, "PERCENTAGE", "GREATER_THAN"), False),
        (("ACTUAL", 19.9, "PERCENTAGE", "GREATER_THAN"), True),
        (("ACTUAL", 2, "ABSOLUTE_VALUE", "EQUAL_TO"), True),
        (("ACTUAL", 2.5, "ABSOLUTE_VALUE", "LESS_THAN"), True),
        (("FORECASTED", 119, "PERCENTAGE", "GREATER_THAN"), True),
        (("FORECASTED", 121, "PERCENTAGE", "GREATER_THAN"), False),
    ],
)
def test_a_threshold_is_a_share_of_the_limit_or_an_amount(
    threshold: tuple[str, float, str, str], *, passes: bool
) -> None:
    assert Spend(Decimal(10), Decimal(2), Decimal(12), 0.0).passes(*threshold) is passes


IAM = {"PolicyArn": "arn:aws:iam::000000000000:policy/deny", "Roles": ["work"]}
SUBSCRIBERS = [{"SubscriptionType": "EMAIL", "Address": "ann@example.com"}]
ACTION = {"ActionType": "APPLY_IAM_POLICY", "Definition": {"IamActionDefinition": IAM}, "Subscribers": SUBSCRIBERS}
RDS = {"ActionSubType": "STOP_RDS_INSTANCES", "Region": "us-east-1", "InstanceIds": ["db"]}
SCP = {"PolicyId": "p-1", "TargetIds": ["1"]}


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"ActionType": "RUN_SSM_DOCUMENTS"}, "InvalidParameterException", "SsmActionDefinition alone"),
        (
            {"Definition": {"IamActionDefinition": {**IAM, "Roles": []}}},
            "InvalidParameterException",
            "Roles, Users, Groups",
        ),
        ({"Subscribers": SUBSCRIBERS * 12}, "InvalidParameterException", "from 1 to 11, got 12"),
        ({"ActionType": "RUN_SSM_DOCUMENTS", "Definition": {"SsmActionDefinition": RDS}}, "NotImplemented", "STOP_RDS"),
        ({"ActionType": "APPLY_SCP_POLICY", "Definition": {"ScpActionDefinition": SCP}}, "NotImplemented", "APPLY_SCP"),
    ],
)
def test_an_action_is_refused(members: dict[str, Any], code: str, message: str) -> None:
    check(ACTION)
    with pytest.raises(ApiError, match=message) as refused:
        check({**ACTION, **members})
    assert refused.value.code == code
