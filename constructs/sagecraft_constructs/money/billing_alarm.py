"""An alarm on what the account is estimated to owe AWS this month."""

import re
from collections.abc import Sequence

from aws_cdk import Duration, Environment, RemovalPolicy, Stack, Token, Tokenization
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from sagecraft_constructs.deployed_stack import deployed_stack
from sagecraft_constructs.errors import Problems

BILLING_REGION = "us-east-1"
"""The only region that has billing metrics, whichever region the money is spent in."""

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PERIOD_HOURS = 6


class BillingAlarm(Construct):
    """Tells by email when the month's estimated charges of the account exceed a threshold.

    AWS writes `AWS/Billing EstimatedCharges` only in us-east-1, and an alarm only sees its own region. So in a stack of
    any other region, and in one whose region is not known when the app is synthesized, the alarm and its topic stand in
    a stack of their own in us-east-1, named `<stack>-billing-<id>`. The alarm's own stack depends on it, so to
    deploy the one is to deploy both; us-east-1 has to be bootstrapped too. Tags on the alarm, or above it, reach that
    stack.

    AWS measures about every six hours, and only where "Receive CloudWatch billing alerts" is switched on in the
    billing preferences of the account. Until the first measurement the alarm is in `INSUFFICIENT_DATA`, and missing
    data keeps it in its state: data that fails to come is then neither taken for a small bill nor for a large one.

    Subscribers get an email from AWS that they must confirm.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html

    Attributes:
        alarm: The CloudWatch alarm.
        topic: What it notifies.
        billing_stack: The stack that holds both; another one than the alarm's own outside us-east-1.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        threshold_usd: float,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
    ) -> None:
        """Declares the alarm.

        Args:
            scope: Where it stands.
            id: Its name there.
            threshold_usd: US dollars a month, more than zero.
            emails: Who is told. May be left out where `topic` has its own subscribers.
            topic: An existing topic in us-east-1, to which `emails` are subscribed too. If it is encrypted, CloudWatch
                must be allowed to use its key. Left out, one is made that is encrypted and refuses plain HTTP.

        Raises:
            InvalidProps: The threshold is not more than zero, nobody would be told, an address is none, or the topic is
                in another region.
        """
        super().__init__(scope, id)
        self._check(Problems.of(scope, id, "BillingAlarm"), threshold_usd, emails, topic)
        home = self if Stack.of(self).region == BILLING_REGION else self._in_billing_region()
        self.billing_stack = Stack.of(home)
        self.topic = _encrypted_topic(home) if topic is None else _in_stack(home, topic)
        for address in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))
        self.alarm = cloudwatch.Alarm(
            home,
            "Alarm",
            alarm_description=f"The estimated charges of this month exceed {_written(threshold_usd)} US dollars",
            metric=self.metric_estimated_charges(),
            threshold=threshold_usd,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )
        self.alarm.add_alarm_action(actions.SnsAction(self.topic))

    def metric_estimated_charges(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """The month's charges so far, in US dollars; graphs and alarms on it only show data in us-east-1.

        Args:
            period: Left out, six hours, about how often AWS measures.
        """
        return cloudwatch.Metric(
            namespace="AWS/Billing",
            metric_name="EstimatedCharges",
            dimensions_map={"Currency": "USD"},
            statistic="Maximum",
            period=Duration.hours(_PERIOD_HOURS) if period is None else period,
            region=BILLING_REGION,
        )

    @staticmethod
    def _check(problems: Problems, threshold_usd: float, emails: Sequence[str], topic: sns.ITopic | None) -> None:
        if not Token.is_unresolved(threshold_usd) and not threshold_usd > 0:
            problems.add("threshold_usd", f"should be more than 0, got {threshold_usd}.")
        if not emails and topic is None:
            problems.add("emails", "nobody would be told; give an address, or a 'topic' that has subscribers.")
        for address in emails:
            if not Token.is_unresolved(address) and _ADDRESS.fullmatch(address) is None:
                problems.add("emails", f"'{address}' is no email address; write it like name@example.com.")
        if topic is not None and not Token.is_unresolved(topic.env.region) and topic.env.region != BILLING_REGION:
            problems.add(
                "topic",
                f"it is in {topic.env.region}, but the alarm can only be in {BILLING_REGION} and tell a topic there; "
                f"give one of {BILLING_REGION}, or leave it out.",
            )
        problems.raise_any()

    def _in_billing_region(self) -> Stack:
        stack = deployed_stack(self)
        billing = Stack(
            self,
            "BillingStack",
            stack_name=re.sub(r"[^A-Za-z0-9-]", "-", f"{stack.stack_name}-billing-{self.node.id}"),
            description=f"The billing alarm of {stack.stack_name}: AWS has billing metrics in {BILLING_REGION} alone",
            env=Environment(
                account=None if Token.is_unresolved(stack.account) else stack.account, region=BILLING_REGION
            ),
        )
        # To deploy the one is to deploy the other: an alarm that was declared must not be forgotten.
        stack.add_stack_dependency(billing, f"{self.node.path} is declared in {stack.stack_name}")
        return billing


def _written(usd: float) -> str:
    # A token is a number that stands for another; only the CDK writes it so that it is found again in a text.
    return Tokenization.stringify_number(usd) if Token.is_unresolved(usd) else f"{usd:,.2f}"


def _encrypted_topic(home: Construct) -> sns.Topic:
    cloudwatch_of_account = iam.ServicePrincipal(
        "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(home).account}}
    )
    # AWS's own key for SNS does not let CloudWatch in: an alarm could not publish to a topic that is encrypted by it.
    key = kms.Key(
        home,
        "Key",
        description="Encrypts billing alarms on their way to the subscribers",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[cloudwatch_of_account], actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=["*"]
        )
    )
    topic = sns.Topic(home, "Topic", display_name="AWS billing", master_key=key, enforce_ssl=True)
    # The policy that refuses plain HTTP replaces the one by which alarms of the account may publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(principals=[cloudwatch_of_account], actions=["sns:Publish"], resources=[topic.topic_arn])
    )
    return topic


def _in_stack(home: Construct, topic: sns.ITopic) -> sns.ITopic:
    """The topic, such that its subscriptions are made beside the alarm."""
    if topic.stack is Stack.of(home):
        return topic
    return sns.Topic.from_topic_arn(home, "Topic", topic.topic_arn)
