"""What the subscribers of a budget are told, and how.

Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import EmulatorError

from .budget import Budget, Spend

logger = logging.getLogger(__name__)

_SIGNS: Final = {"GREATER_THAN": ">", "LESS_THAN": "<", "EQUAL_TO": "="}
_MOST_SUBJECT: Final = 100


def tell(
    clients: Clients, budget: Budget, subscribers: Iterable[Mapping[str, str]], subject: str, message: str
) -> None:
    """Tells topics; an email that AWS would send stands in the log. Whom it cannot tell hinders no other."""
    for each in subscribers:
        address = each["Address"]
        if each["SubscriptionType"] != "SNS":
            logger.info("AWS would write to %s of the budget '%s': %s", address, budget.name, subject)
            continue
        try:
            topics = clients.sns(budget.account, address.split(":")[3])
            topics.publish(TopicArn=address, Subject=subject[:_MOST_SUBJECT], Message=message)
        except (_client_error(), EmulatorError, IndexError) as error:
            logger.warning("The topic %s of the budget '%s' was not told: %s", address, budget.name, error)


def exceeded(budget: Budget, notification: Mapping[str, Any], spend: Spend, now: float) -> tuple[str, str]:
    """The subject and the text of a notification."""
    kind, sign = notification["NotificationType"], _SIGNS[notification["ComparisonOperator"]]
    bound = spend.bound(notification["Threshold"], notification.get("ThresholdType", "PERCENTAGE"))
    told = [
        f"The {kind} cost of the budget is {sign} {_usd(bound)}, the threshold that you asked to be told of.",
        "",
        *_about(budget, spend, now),
        f"Alert Type: {kind}",
        f"Alert Threshold: {sign} {_usd(bound)}",
        f"{kind} Amount: {_usd(spend.of(kind))}",
    ]
    return f"AWS Budgets: {budget.name} has exceeded your alert threshold", "\n".join(told)


def acted(
    budget: Budget, action: Mapping[str, Any], status: str, why: str, spend: Spend, now: float
) -> tuple[str, str]:
    """The subject and the text of an action that was done, failed, or waits for somebody to approve it."""
    told = [
        f"The action {action['ActionId']} of the budget is {status}. {why}".rstrip(),
        "",
        *_about(budget, spend, now),
        f"Action Type: {action['ActionType']}",
        f"Action Status: {status}",
    ]
    return f"AWS Budgets: an action of {budget.name} is {status}", "\n".join(told)


def _about(budget: Budget, spend: Spend, now: float) -> list[str]:
    return [
        f"AWS Budget Notification {datetime.fromtimestamp(now, UTC):%B %d, %Y}",
        f"AWS Account {budget.account}",
        f"Budget Name: {budget.name}",
        "Budget Type: Cost",
        f"Budgeted Amount: {_usd(spend.limit)}",
    ]


def _usd(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def _client_error() -> type[Exception]:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - no emulator needs it to start

    return ClientError
