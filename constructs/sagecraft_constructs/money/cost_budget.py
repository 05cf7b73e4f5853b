"""What may be spent in a month, and what happens when it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .billed_service import BilledService
from .deny_policy import COSTLY_ACTIONS, DenyPolicy
from .told import check_amount, check_emails, check_tags, let_publish

BUDGETS: Final = "budgets.amazonaws.com"
_MOST_NOTIFICATIONS: Final = 10
_MOST_EMAILS: Final = 10
"""Of one notification, as of an action; besides a topic.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html,
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-quotas.html
"""

_NAME: Final = re.compile(r"(?!.*/action/)[^:\\]{1,100}")
"""Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html"""


class NotificationType(StrEnum):
    """What of a budget is compared with its threshold."""

    ACTUAL = "ACTUAL"
    """What has been spent in the month."""
    FORECASTED = "FORECASTED"
    """What AWS expects to be spent by its end. It needs about five weeks of data of the account first."""


class ApprovalModel(StrEnum):
    """How an action of a budget begins."""

    AUTOMATIC = "AUTOMATIC"
    MANUAL = "MANUAL"
    """Somebody approves it, in the console or with `aws budgets execute-budget-action`."""


@dataclass
class _Notification:
    """One of a budget, and whom it tells."""

    type: NotificationType
    percent: float
    emails: Sequence[str] = ()
    topics: list[str] = field(default_factory=list)

    def property(self) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
        told = [("EMAIL", address) for address in self.emails] + [("SNS", arn) for arn in self.topics]
        return budgets.CfnBudget.NotificationWithSubscribersProperty(
            notification=budgets.CfnBudget.NotificationProperty(
                notification_type=self.type.value,
                comparison_operator="GREATER_THAN",
                threshold=self.percent,
                threshold_type="PERCENTAGE",
            ),
            subscribers=[
                budgets.CfnBudget.SubscriberProperty(subscription_type=kind, address=address) for kind, address in told
            ],
        )


class CostBudgetBase(Construct):
    """A budget of AWS's, declared here or existing.

    Attributes:
        budget_name: Its name.
        budget_arn: Its ARN.
    """

    budget_name: str
    budget_arn: str

    @check_props
    def deny(
        self,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        roles: Sequence[iam.IRole] = (),
        users: Sequence[iam.IUser] = (),
        groups: Sequence[iam.IGroup] = (),
        actions: Sequence[str] = COSTLY_ACTIONS,
        at_percent: float = 100,
        notification_type: NotificationType = NotificationType.ACTUAL,
        approval_model: ApprovalModel = ApprovalModel.AUTOMATIC,
    ) -> DenyPolicy:
        """Takes permissions away at a percentage of the budget: AWS attaches a policy that denies them.

        What runs goes on. AWS detaches the policy when the next month begins, or when somebody resets the action.

        Args:
            id: Its name below the budget.
            roles: Whose; at least one of roles, users and groups.
            users: Whose.
            groups: Whose.
            actions: What is denied, such as `sagemaker:CreateEndpoint`. Left out, whatever of SageMaker's begins to
                cost money.
            at_percent: Of the budget, more than zero.
            notification_type: Whether what is spent is compared, or what is going to be.
            approval_model: Left out, AWS does it by itself.

        Raises:
            InvalidProps: With every problem: nobody to take them from, no actions, and so on.
        """
        problems = Problems(f"CostBudget '{self.node.path}'").inside(id)
        problems.require_known(roles=roles, users=users, groups=groups, actions=actions)
        check_amount(problems, "at_percent", at_percent)
        if not (roles or users or groups):
            problems.add("roles", "there is nobody to take permissions from; give a role, a user or a group.")
        if not actions:
            problems.add("actions", "nothing would be denied; name an action, or leave it out.")
        for each in actions:
            service, _, name = each.partition(":")
            if not is_token(each) and not (service and name):
                problems.add("actions", f"'{each}' is no action of IAM's; write it like sagemaker:CreateEndpoint.")
        problems.raise_any()
        policy = DenyPolicy(self, id, actions=actions, roles=roles, users=users, groups=groups)
        action = budgets.CfnBudgetsAction(
            policy,
            "Resource",
            action_threshold=budgets.CfnBudgetsAction.ActionThresholdProperty(type="PERCENTAGE", value=at_percent),
            action_type="APPLY_IAM_POLICY",
            approval_model=approval_model.value,
            budget_name=self.budget_name,
            definition=budgets.CfnBudgetsAction.DefinitionProperty(
                iam_action_definition=budgets.CfnBudgetsAction.IamActionDefinitionProperty(
                    policy_arn=policy.managed_policy.managed_policy_arn,
                    roles=[role.role_name for role in roles] or None,
                    users=[user.user_name for user in users] or None,
                    groups=[group.group_name for group in groups] or None,
                )
            ),
            execution_role_arn=policy.execution_role.role_arn,
            notification_type=notification_type.value,
            subscribers=[
                budgets.CfnBudgetsAction.SubscriberProperty(type=kind, address=address)
                for kind, address in self._told()
            ],
        )
        # AWS asks whether the role may do it when the action is made.
        action.node.add_dependency(policy.execution_role)
        return policy

    def _tell(self, emails: Sequence[str], topic: sns.ITopic | None) -> None:
        self._emails, self._topic = tuple(emails), topic
        if topic is not None:
            let_publish(topic, BUDGETS)

    def _name(self, budget_name: str) -> None:
        self.budget_name = budget_name
        self.budget_arn = Stack.of(self).format_arn(
            service="budgets",
            region="",
            resource="budget",
            resource_name=budget_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )

    def _told(self) -> list[tuple[str, str]]:
        by_email = [("EMAIL", address) for address in self._emails]
        return by_email if self._topic is None else [*by_email, ("SNS", self._topic.topic_arn)]


class CostBudget(CostBudgetBase):
    """A budget of AWS's: who is told when it is spent, or is going to be, and what is done then.

    AWS compares a few times a day, so that some hours are spent before it acts; a budget is no limit. It counts what
    carries a tag only from when that is switched on as a cost allocation tag, in the account that pays the bill. The
    budget has no name of its own: a change of who is told replaces it.

    Before something is deployed, `Budget` refuses what would cost more.

    Sources: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html,
    https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create-filters.html,
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        monthly_usd: float,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
        actual_percent: Sequence[float] = (80, 100),
        forecast_percent: Sequence[float] = (100,),
        tags: Mapping[str, str] | None = None,
        services: Sequence[BilledService] = (),
    ) -> None:
        """Declares the budget.

        Args:
            scope: Where it stands.
            id: Its name there.
            monthly_usd: US dollars a month, more than zero.
            emails: Who is told, up to ten; AWS asks for no confirmation. May be left out where there is a `topic`.
            topic: A topic of the account that is told, too. AWS Budgets is let in; if the topic is encrypted, its key
                must let AWS Budgets in as well. The policy of an imported topic must do so already.
            actual_percent: At which percentages of it they are told that it is spent. Left out, 80 and 100.
            forecast_percent: At which they are told that it is going to be. Left out, 100.
            tags: What is counted: what carries all of these. Left out, the whole account.
            services: Whose charges are counted. Left out, those of all.

        Raises:
            InvalidProps: With every problem: an amount or a percentage that is not more than zero, nobody to tell, an
                address that is none, a tag without a value, and so on.
        """
        super().__init__(scope, id)
        tags = {} if tags is None else tags
        problems = Problems.of(scope, id, "CostBudget")
        problems.require_known(
            emails=emails,
            actual_percent=actual_percent,
            forecast_percent=forecast_percent,
            tags=tags,
            services=services,
        )
        check_amount(problems, "monthly_usd", monthly_usd)
        _check_told(problems, emails, topic)
        _check_percents(problems, actual_percent, forecast_percent)
        check_tags(problems, "tags", tags)
        if len(tags) > 1:
            # Values of one filter are alternatives, and AWS has one filter for the tags of all keys.
            told = ", ".join(f"'{key}'" for key in tags)
            problems.add("tags", f"a budget counts by the values of one tag, got {told}; give the one that tells most.")
        problems.raise_any()

        self._tell(emails, topic)
        kinds = ((NotificationType.ACTUAL, actual_percent), (NotificationType.FORECASTED, forecast_percent))
        self._notifications = [
            _Notification(kind, percent, self._emails, [] if topic is None else [topic.topic_arn])
            for kind, percents in kinds
            for percent in percents
        ]
        filters = {
            "TagKeyValue": [f"user:{key}${value}" for key, value in tags.items()],
            "Service": [each.bill_name for each in services],
        }
        self._resource = budgets.CfnBudget(
            self,
            "Resource",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=monthly_usd, unit="USD"),
                cost_filters={name: values for name, values in filters.items() if values} or None,
            ),
            notifications_with_subscribers=[each.property() for each in self._notifications],
        )
        self._name(self._resource.ref)

    @check_props
    def notify(
        self,
        topic: sns.ITopic,
        *,
        at_percent: float = 100,
        notification_type: NotificationType = NotificationType.ACTUAL,
    ) -> None:
        """Has AWS publish to a topic at a percentage of the budget.

        Args:
            topic: A topic of the account; see `topic` of the budget.
            at_percent: Of the budget, more than zero.
            notification_type: Whether what is spent is compared, or what is going to be.

        Raises:
            InvalidProps: The percentage is not more than zero, another topic is told at it already, of which AWS allows
                one, or there are more notifications than a budget can have.
        """
        problems = Problems(f"CostBudget '{self.node.path}'")
        check_amount(problems, "at_percent", at_percent)
        problems.raise_any()
        same = [each for each in self._notifications if (each.type, each.percent) == (notification_type, at_percent)]
        for each in same:
            if each.topics:
                problems.add(
                    "at_percent",
                    f"another topic is told at {_plain(at_percent)} percent ({notification_type}) already, and AWS "
                    "tells one of a notification; take another percentage, or subscribe to that topic.",
                )
        if not same and len(self._notifications) == _MOST_NOTIFICATIONS:
            problems.add(
                "at_percent", f"the budget has {_MOST_NOTIFICATIONS} notifications already, the most that AWS allows."
            )
        problems.raise_any()
        let_publish(topic, BUDGETS)
        if not same:
            same = [_Notification(notification_type, at_percent)]
            self._notifications += same
        same[0].topics.append(topic.topic_arn)
        self._resource.notifications_with_subscribers = [each.property() for each in self._notifications]

    @staticmethod
    @check_props
    def from_budget_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        budget_name: str,
        *,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
    ) -> CostBudgetBase:
        """A budget that exists in the account of the stack. Whom it tells of what is spent stays as it is.

        Args:
            scope: Where it stands.
            id: Its name there.
            budget_name: The budget's.
            emails: Who is told when `deny` has done something.
            topic: A topic that is told then; see `topic` of a new budget.

        Raises:
            InvalidProps: A name that no budget can have, nobody to tell, or an address that is none.
        """
        problems = Problems.of(scope, id, "CostBudget")
        problems.require_known(emails=emails)
        if not is_token(budget_name) and _NAME.fullmatch(budget_name) is None:
            problems.add(
                "budget_name", f"should be 1 to 100 characters without ':', '\\' and '/action/', got '{budget_name}'."
            )
        _check_told(problems, emails, topic)
        problems.raise_any()
        return _NamedBudget(scope, id, budget_name, emails, topic)


class _NamedBudget(CostBudgetBase):
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        budget_name: str,
        emails: Sequence[str],
        topic: sns.ITopic | None,
    ) -> None:
        super().__init__(scope, id)
        self._tell(emails, topic)
        self._name(budget_name)


def _check_told(problems: Problems, emails: Sequence[str], topic: sns.ITopic | None) -> None:
    if not emails and topic is None:
        problems.add("emails", "nobody would be told; give an address, or a 'topic'.")
    if len(emails) > _MOST_EMAILS:
        problems.add("emails", f"a budget tells up to {_MOST_EMAILS} addresses, got {len(emails)}; tell a 'topic'.")
    check_emails(problems, emails)


def _check_percents(problems: Problems, actual: Sequence[float], forecast: Sequence[float]) -> None:
    for prop, percents in (("actual_percent", actual), ("forecast_percent", forecast)):
        for percent in dict.fromkeys(percents):
            check_amount(problems, prop, percent)
            if (count := list(percents).count(percent)) > 1:
                problems.add(prop, f"{_plain(percent)} is given {count} times; give each percentage once.")
    number = len(actual) + len(forecast)
    if not 1 <= number <= _MOST_NOTIFICATIONS:
        problems.add("actual_percent", f"1 to {_MOST_NOTIFICATIONS} percentages are allowed together, got {number}.")


def _plain(percent: float) -> str:
    return f"{percent:g}"
