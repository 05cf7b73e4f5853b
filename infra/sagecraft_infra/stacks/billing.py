"""Who is told when the month gets dear."""

from collections.abc import Sequence

from aws_cdk import Environment, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs import BillingAlarm
from sagecraft_constructs.money.billing_alarm import BILLING_REGION

from .exports import check_exports


class BillingStack(Stack):
    """A billing alarm, in the one region that has billing metrics.

    Attributes:
        billing_alarm: The alarm.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        threshold_usd: float,
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
        account: str | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            threshold_usd: US dollars a month.
            emails: Who is told; each gets an email from AWS that must be confirmed. May be left out where `topic` has
                its own subscribers.
            topic: An existing topic in us-east-1, to which `emails` are subscribed too. Left out, one is made.
            account: Whose charges. Left out, the account that the stack is deployed to.

        Raises:
            InvalidProps: The threshold is not more than zero, nobody would be told, an address is none, or the topic is
                in another region.
        """
        super().__init__(
            scope,
            id,
            env=Environment(account=account, region=BILLING_REGION),
            description=f"The billing alarm; AWS has billing metrics in {BILLING_REGION} alone",
        )
        check_exports(self)
        self.billing_alarm = BillingAlarm(self, "BillingAlarm", threshold_usd=threshold_usd, emails=emails, topic=topic)
