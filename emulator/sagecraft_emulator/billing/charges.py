"""Tells CloudWatch of the charges of the month, as AWS does: `AWS/Billing EstimatedCharges`, in us-east-1.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html
"""

import time
from collections import defaultdict
from decimal import Decimal
from typing import Final

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.metering.meter import Meter, month_of

NAMESPACE: Final = "AWS/Billing"
METRIC: Final = "EstimatedCharges"
REGION: Final = "us-east-1"
"""The only region that has billing metrics, whichever region the money is spent in."""
SERVICE: Final = "AmazonSageMaker"
"""What billing calls the service that the meter knows."""
AGAIN_SECONDS: Final = 6 * 3600
"""After so long charges are told again that have not changed."""
_CENT: Final = Decimal("0.01")


class EstimatedCharges:
    """Puts the metric where the charges of an account have changed by a cent, of all of it and of each service.

    Args:
        meter: Knows the charges.
        clients: To CloudWatch.
    """

    def __init__(self, meter: Meter, clients: Clients) -> None:
        self._meter, self._clients = meter, clients
        self._told: dict[str, tuple[Decimal, float]] = {}

    def tell(self) -> None:
        """Tells of all accounts that have charges."""
        for account, usd in self._charges().items():
            cents, told = usd.quantize(_CENT), self._told.get(account, (Decimal(0), 0.0))
            if cents == told[0] and (not cents or time.monotonic() - told[1] < AGAIN_SECONDS):
                continue
            currency = {"Name": "Currency", "Value": "USD"}
            dimensions = ([currency], [{"Name": "ServiceName", "Value": SERVICE}, currency])
            self._clients.cloudwatch(account, REGION).put_metric_data(
                Namespace=NAMESPACE,
                MetricData=[
                    {"MetricName": METRIC, "Dimensions": each, "Value": float(cents), "Unit": "None"}  # type: ignore[typeddict-item]
                    for each in dimensions
                ],
            )
            self._told[account] = cents, time.monotonic()

    def forget(self) -> None:
        """Forgets what was told: whom it was told has forgotten it, too."""
        self._told.clear()

    def _charges(self) -> dict[str, Decimal]:
        """US dollars of this month, by account."""
        now = self._meter.now()
        begin, sums = month_of(now), defaultdict[str, Decimal](Decimal)
        for line in self._meter.lines(begin=begin):
            sums[line.account] += line.usd_within(begin, now + 1)
        return sums
