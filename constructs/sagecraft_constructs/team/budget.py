"""What a team may spend in a month, by the tag of what it has."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from .checks import TEAM_TAG

_TOLD_AT: Final = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""When somebody is told, in percent of the month's money."""


def team_budget(scope: Construct, team: str, monthly_usd: float, emails: Sequence[str]) -> budgets.CfnBudget:
    """The budget of a team, of which its people are told before it is spent.

    AWS counts what carries the tag only from when it is switched on as a cost allocation tag. The budget has no name of
    its own: a change of who is told replaces it.

    Sources: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html,
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    told = [budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=address) for address in emails]
    return budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=monthly_usd, unit="USD"),
            cost_filters={"TagKeyValue": [f"user:{TEAM_TAG}${team}"]},
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=told,
            )
            for kind, percent in _TOLD_AT
        ],
    )
