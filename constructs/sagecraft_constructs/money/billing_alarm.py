"""An alarm on what the account is estimated to owe AWS this month."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

from aws_cdk import Duration, Environment, Names, Stack, Tokenization
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct
from sagecraft_catalog.region import partition

from sagecraft_constructs.asked import place_of, stack_of
from sagecraft_constructs.deployed_stack import deployed_stack
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .billed_service import BilledService
from .told import check_amount, check_emails, encrypted_topic, let_encrypt, let_publish, subscribe, topic_key

BILLING_REGION = "us-east-1"
"""The only region that has billing metrics, whichever region the money is spent in."""

_PERIOD_HOURS = 6
_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_LONGEST_STACK_NAME: Final = 128
_BILLED_ELSEWHERE: Final = {
    "aws-cn": "where AWS bills in CNY and this alarm compares US dollars",
    "aws-us-gov": "whose charges are those of the standard AWS account that it belongs to; declare the alarm in an app "
    "for that account",
}
"""Why partitions but AWS's own have no such alarm.

Sources: https://docs.amazonaws.cn/en_us/aws/latest/userguide/billing-and-payment.html,
https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/usage-and-payment.html
"""
_BILLING_STACKS: Final["WeakKeyDictionary[IConstruct, dict[str, str]]"] = WeakKeyDictionary()
"""Of each app: where the alarm stands that has a stack, by the environment and name of the stack."""


class BillingAlarm(Construct):
    """Tells by email when the month's estimated charges exceed a threshold: of the account, or of a service.

    AWS writes `AWS/Billing EstimatedCharges` only in us-east-1, and an alarm only sees its own region. So in a stack of
    any other region, and in one whose region is not known when the app is synthesized, the alarm and its topic stand in
    a stack of their own in us-east-1, named `<stack>-billing-<id>`, or after the alarm's whole path where it stands
    below other constructs. The alarm's own stack depends on it, so to deploy the one is to deploy both; us-east-1 has
    to be bootstrapped too. Tags on the alarm, or above it, reach that stack.

    AWS measures about every six hours, and only where "Receive CloudWatch billing alerts" is switched on in the
    billing preferences of the account. Until the first measurement the alarm is in `INSUFFICIENT_DATA`, and missing
    data keeps it in its state: data that fails to come is then neither taken for a small bill nor for a large one.

    Subscribers get an email from AWS that they must confirm.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html

    Attributes:
        alarm: The CloudWatch alarm on the first threshold.
        alarms: Those on all thresholds, in their order.
        service: Whose charges they watch; None for those of the whole account.
        topic: What they notify.
        billing_stack: The stack that holds them; another one than the alarm's own outside us-east-1.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        threshold_usd: float | Sequence[float],
        service: BilledService | None = None,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
    ) -> None:
        """Declares the alarm.

        Args:
            scope: Where it stands.
            id: Its name there.
            threshold_usd: US dollars a month, more than zero; of several, each has an alarm.
            service: Whose charges are watched, such as `BilledService.SAGEMAKER`. Left out, those of the whole account.
            emails: Who is told. May be left out where `topic` has its own subscribers.
            topic: An existing topic in us-east-1, to which `emails` are subscribed too. If it is encrypted, CloudWatch
                must be allowed to use its key. Left out, one is made that is encrypted and refuses plain HTTP.

        Raises:
            InvalidProps: There is no threshold, one is not more than zero or is given twice, nobody would be told, an
                address is none or is given twice, the topic is in another region, the stack is in China or another
                partition than AWS's own, or its alarm would share a stack with that of another stack of its name.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "BillingAlarm")
        _check_place(problems, place_of(self).region)
        problems.require_known(emails=emails)
        thresholds = [threshold_usd] if isinstance(threshold_usd, int | float) else list(threshold_usd)
        _check(problems, thresholds, emails, topic)
        home = self if place_of(self).region == BILLING_REGION else self._in_billing_region(problems)
        self.service = service
        self.billing_stack = stack_of(home)
        self.topic = _own_topic(home) if topic is None else _in_stack(home, topic)
        for number, address in enumerate(emails, 1):
            subscribe(home, self.topic, number, address)
        self.alarms = tuple(self._alarm(home, number, usd) for number, usd in enumerate(thresholds, 1))
        self.alarm = self.alarms[0]

    def _alarm(self, home: Construct, number: int, usd: float) -> cloudwatch.Alarm:
        of_service = "" if self.service is None else f" of {self.service.bill_name}"
        alarm = cloudwatch.Alarm(
            home,
            "Alarm" if number == 1 else f"Alarm{number}",
            alarm_description=f"The estimated charges{of_service} of this month exceed {_written(usd)} US dollars",
            metric=self.metric_estimated_charges(),
            threshold=usd,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm

    def metric_estimated_charges(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """The month's charges so far, in US dollars; graphs and alarms on it only show data in us-east-1.

        Args:
            period: Left out, six hours, about how often AWS measures.
        """
        return cloudwatch.Metric(
            namespace="AWS/Billing",
            metric_name="EstimatedCharges",
            dimensions_map={
                "Currency": "USD",
                **({} if self.service is None else {"ServiceName": self.service.service_name}),
            },
            statistic="Maximum",
            period=Duration.hours(_PERIOD_HOURS) if period is None else period,
            region=BILLING_REGION,
        )

    def _stack_name(self, stack: Stack) -> str:
        name = f"{stack.stack_name}-billing-{self.node.id}"
        if self.node.scope is stack and _STACK_NAME.fullmatch(name) is not None:
            return name
        unique = Names.unique_resource_name(self, max_length=_LONGEST_STACK_NAME - len("-billing"), separator="-")
        return f"{unique}-billing"

    def _in_billing_region(self, problems: Problems) -> Stack:
        stack = deployed_stack(self)
        name = self._stack_name(stack)
        first = _BILLING_STACKS.setdefault(self.node.root, {}).setdefault(f"{stack.account}/{name}", self.node.path)
        if first != self.node.path:
            problems.add(
                "id",
                f"the stack '{name}' in {BILLING_REGION} is that of '{first}' already, because both stand in a stack "
                f"that is called '{stack.stack_name}'. Declare one of them: the charges are those of all regions.",
            )
            raise problems.error()
        billing = Stack(
            self,
            "BillingStack",
            stack_name=name,
            description=f"The billing alarm of {stack.stack_name}: AWS has billing metrics in {BILLING_REGION} alone",
            env=Environment(account=None if is_token(stack.account) else stack.account, region=BILLING_REGION),
        )
        # To deploy the one is to deploy the other: an alarm that was declared must not be forgotten.
        stack.add_stack_dependency(billing, f"{self.node.path} is declared in {stack.stack_name}")
        return billing


def _check_place(problems: Problems, region: str) -> None:
    if is_token(region) or partition(region) == "aws":
        return
    reason = _BILLED_ELSEWHERE.get(partition(region), f"which has no region {BILLING_REGION}")
    problems.add("scope", f"its stack is in {region} of the partition {partition(region)}, {reason}.")


def _check(problems: Problems, thresholds: Sequence[float], emails: Sequence[str], topic: sns.ITopic | None) -> None:
    if not thresholds:
        problems.add("threshold_usd", "there is none; give at least one amount of US dollars a month.")
    for usd, count in Counter(thresholds).items():
        check_amount(problems, "threshold_usd", usd)
        if count > 1:
            problems.add("threshold_usd", f"{usd} is given {count} times; give each threshold once.")
    if not emails and topic is None:
        problems.add("emails", "nobody would be told; give an address, or a 'topic' that has subscribers.")
    check_emails(problems, emails)
    if topic is not None and not is_token(topic.env.region) and topic.env.region != BILLING_REGION:
        problems.add(
            "topic",
            f"it is in {topic.env.region}, but the alarm can only be in {BILLING_REGION} and tell a topic there; "
            f"give one of {BILLING_REGION}, or leave it out.",
        )
    problems.raise_any()


def _written(usd: float) -> str:
    # A token is a number that stands for another; only the CDK writes it so that it is found again in a text.
    return Tokenization.stringify_number(usd) if is_token(usd) else f"{usd:,.2f}"


def _own_topic(home: Construct) -> sns.Topic:
    key = topic_key(home, "billing alarms")
    topic = encrypted_topic(home, "Topic", key, "AWS billing")
    let_encrypt(key, _CLOUDWATCH)
    let_publish(topic, _CLOUDWATCH)
    return topic


def _in_stack(home: Construct, topic: sns.ITopic) -> sns.ITopic:
    """The topic, such that its subscriptions are made beside the alarm."""
    if topic.stack is stack_of(home):
        return topic
    return sns.Topic.from_topic_arn(home, "Topic", topic.topic_arn)
