"""Budgets of ministack's: what is refused of them before they are kept."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, RunningEmulator

BUDGET = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY"}


@pytest.fixture(scope="module")
def budgets(emulator: RunningEmulator) -> Any:
    return emulator.client("budgets")


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("describe_budgets", {}),
        ("create_budget", {"Budget": BUDGET}),
        ("describe_budget", {"BudgetName": "b"}),
        ("describe_notifications_for_budget", {"BudgetName": "b"}),
    ],
)
def test_budgets_of_another_account_are_refused(budgets: Any, operation: str, asked: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"Account {ACCOUNT} has no access to budgets of 210987654321") as refused:
        getattr(budgets, operation)(AccountId="210987654321", **asked)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize("amount", ["-1", "1,50", "ten"])
def test_a_limit_is_a_number_as_the_model_has_it(budgets: Any, amount: str) -> None:
    """Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Spend.html"""
    with pytest.raises(ClientError, match=rf"Value '{amount}' at 'budget.budgetLimit.amount' failed to satisfy"):
        budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetLimit": {"Amount": amount, "Unit": "USD"}})
    assert not [
        each for each in budgets.describe_budgets(AccountId=ACCOUNT).get("Budgets", []) if each["BudgetName"] == "b"
    ]
