"""Tells of charges that are not as they were."""

import json
import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from aws_cdk import Names, Tokenization
from aws_cdk import aws_ce as ce
from aws_cdk import aws_sns as sns
from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .told import check_amount, check_emails, check_tags, let_publish

_COST_ALERTS: Final = "costalerts.amazonaws.com"
_MOST_VALUES: Final = 10
_LONGEST_NAME: Final = 1024
_IMPACT_USD: Final = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
_IMPACT_PERCENT: Final = "ANOMALY_TOTAL_IMPACT_PERCENTAGE"


class AnomalyFrequency(StrEnum):
    """How often emails tell of anomalies; a topic is told of each at once."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


class CostAnomalyMonitorBase(Construct):
    """A monitor of anomalies, declared here or existing.

    Attributes:
        monitor_arn: Its ARN.
    """

    monitor_arn: str

    @check_props
    def subscribe(
        self,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        threshold_usd: float,
        threshold_percent: float | None = None,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
        frequency: AnomalyFrequency = AnomalyFrequency.DAILY,
    ) -> None:
        """Has AWS tell of anomalies.

        Args:
            id: Its name below the monitor.
            threshold_usd: From how many US dollars on that an anomaly costs it is told, more than zero.
            threshold_percent: From which percentage on that it is above what was expected, too. Left out, from any.
            emails: Who is told, up to ten, once a day or a week.
            topic: What is told at once of each. AWS is let in; if the topic is encrypted, its key must let
                `costalerts.amazonaws.com` in as well. The policy of an imported topic must do so already.
            frequency: Of the emails. Left out, daily.

        Raises:
            InvalidProps: With every problem: nobody to tell, a threshold that is not more than zero, and so on.
        """
        problems = Problems(f"CostAnomalyMonitor '{self.node.path}'").inside(id)
        problems.require_known(emails=emails)
        check_amount(problems, "threshold_usd", threshold_usd)
        if threshold_percent is not None:
            check_amount(problems, "threshold_percent", threshold_percent)
        if not emails and topic is None:
            problems.add("emails", "nobody would be told; give an address, or a 'topic'.")
        if len(emails) > _MOST_VALUES:
            problems.add("emails", f"up to {_MOST_VALUES} addresses are told, got {len(emails)}; tell a 'topic'.")
        check_emails(problems, emails)
        problems.raise_any()
        expression = _expression(threshold_usd, threshold_percent)
        if emails:
            self._subscription(id, expression, frequency.value, [("EMAIL", address) for address in emails])
        if topic is not None:
            let_publish(topic, _COST_ALERTS)
            self._subscription(f"{id}Topic" if emails else id, expression, "IMMEDIATE", [("SNS", topic.topic_arn)])

    def _subscription(self, name: str, expression: str, frequency: str, told: Sequence[tuple[str, str]]) -> None:
        subscription = Construct(self, name)
        ce.CfnAnomalySubscription(
            subscription,
            "Resource",
            subscription_name=Names.unique_resource_name(subscription, max_length=_LONGEST_NAME, separator="-"),
            frequency=frequency,
            monitor_arn_list=[self.monitor_arn],
            subscribers=[
                ce.CfnAnomalySubscription.SubscriberProperty(type=kind, address=address) for kind, address in told
            ],
            threshold_expression=expression,
        )


class _ImportedMonitor(CostAnomalyMonitorBase):
    def __init__(self, scope: Construct, id: str, arn: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.monitor_arn = arn


class CostAnomalyMonitor(CostAnomalyMonitorBase):
    """Watches charges for what is not as it was, and tells of it.

    AWS learns what is usual, for ten days at first, and looks about three times a day. It counts what carries a tag
    only from when that is switched on as a cost allocation tag.

    Without a tag it watches each service by itself. An account has one monitor of that kind at most, and accounts that
    are new to Cost Explorer are given one: take that, by `from_monitor_arn`, where deployment says so.

    Source: https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        threshold_usd: float,
        threshold_percent: float | None = None,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
        frequency: AnomalyFrequency = AnomalyFrequency.DAILY,
        tag: str | None = None,
        tag_values: Sequence[str] = (),
    ) -> None:
        """Declares the monitor, and who is told by it.

        Args:
            scope: Where it stands.
            id: Its name there.
            threshold_usd: See `subscribe`, as of all that follow.
            threshold_percent: Left out, any.
            emails: Who is told.
            topic: What is told at once.
            frequency: Of the emails. Left out, daily.
            tag: By which tag charges are watched; another tag makes another monitor. Left out, each service by itself.
            tag_values: Which values of it, up to ten.

        Raises:
            InvalidProps: With every problem: a tag without values or values without a tag, nobody to tell, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "CostAnomalyMonitor")
        problems.require_known(tag=tag, tag_values=tag_values)
        if (tag is None) != (not tag_values):
            problems.add("tag_values", "a tag needs values, and values their tag; give both 'tag' and 'tag_values'.")
        if len(tag_values) > _MOST_VALUES:
            problems.add("tag_values", f"a monitor takes up to {_MOST_VALUES} values, got {len(tag_values)}.")
        if tag is not None:
            for value in tag_values:
                check_tags(problems, "tag_values", {tag: value})
        problems.raise_any()
        watched: dict[str, Any] = (
            {"monitor_type": "DIMENSIONAL", "monitor_dimension": "SERVICE"}
            if tag is None
            else {
                "monitor_type": "CUSTOM",
                "monitor_specification": json.dumps({"Tags": {"Key": tag, "Values": [*tag_values]}}),
            }
        )
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Resource",
            monitor_name=Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-"),
            **watched,
        )
        self.monitor_arn = monitor.attr_monitor_arn
        self.subscribe(
            "Told",
            threshold_usd=threshold_usd,
            threshold_percent=threshold_percent,
            emails=emails,
            topic=topic,
            frequency=frequency,
        )

    @staticmethod
    @check_props
    def from_monitor_arn(scope: Construct, id: str, monitor_arn: str) -> CostAnomalyMonitorBase:  # noqa: A002 - the CDK's word for it
        """A monitor that exists in the account."""
        return _ImportedMonitor(scope, id, monitor_arn)


def _expression(usd: float, percent: float | None) -> str:
    """When an anomaly is told of, as Cost Explorer writes it.

    Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html
    """
    impacts = [(_IMPACT_USD, usd)] if percent is None else [(_IMPACT_USD, usd), (_IMPACT_PERCENT, percent)]
    each: list[dict[str, Any]] = [
        {"Dimensions": {"Key": key, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [_written(value)]}}
        for key, value in impacts
    ]
    return json.dumps(each[0] if len(each) == 1 else {"And": each})


def _written(value: float) -> str:
    if is_token(value):
        return Tokenization.stringify_number(value)
    return f"{value:.0f}" if math.floor(value) == value else f"{value}"
