"""The invocation metrics of endpoints: counted on the hot path, sent to CloudWatch off it, every few seconds.

Source: "Monitor Amazon SageMaker AI with Amazon CloudWatch" in the developer guide: namespace `AWS/SageMaker`,
dimensions `EndpointName` and `VariantName`, latencies in microseconds.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

logger = logging.getLogger(__name__)

NAMESPACE: Final = "AWS/SageMaker"
FLUSH_SECONDS: Final = 10.0

VariantKey = tuple[Caller, str, str]
"""Whose endpoint, its name, and the name of the variant."""


@dataclass
class Statistics:
    """What CloudWatch wants of a series of values."""

    count: int = 0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")

    def add(self, value: float) -> None:
        """Counts one value."""
        self.count += 1
        self.total += value
        if value < self.minimum:  # noqa: PLR1730 - takes half the time of min(), on the hot path
            self.minimum = value
        if value > self.maximum:  # noqa: PLR1730 - as above
            self.maximum = value


@dataclass
class VariantCounts:
    """What happened at one variant since the last time."""

    invocations: int = 0
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    model_microseconds: Statistics = field(default_factory=Statistics)
    overhead_microseconds: Statistics = field(default_factory=Statistics)


class InvocationMetrics:
    """Counts invocations, and sends the counts to CloudWatch from a thread of its own.

    Args:
        clients: Of the host.
        flush_seconds: How often the counts are sent.
    """

    def __init__(self, clients: Clients, flush_seconds: float = FLUSH_SECONDS) -> None:
        self._clients = clients
        self._flush_seconds = flush_seconds
        self._lock = threading.Lock()
        self._counts: dict[VariantKey, VariantCounts] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="invocation-metrics", daemon=True)
        self._thread.start()

    def count(
        self, key: VariantKey, *, status: int, from_model: bool, model_seconds: float, overhead_seconds: float
    ) -> None:
        """Counts one invocation.

        Args:
            key: The variant that answered it.
            status: The container's own status.
            from_model: Whether the answer is a `ModelError`.
            model_seconds: How long the container took.
            overhead_seconds: How long SageMaker took besides.
        """
        with self._lock:
            counts = self._counts.get(key)
            if counts is None:
                counts = self._counts[key] = VariantCounts()
            counts.invocations += 1
            if from_model:
                counts.model_errors += 1
                counts.client_errors += 400 <= status < 500
                counts.server_errors += status >= 500
            counts.model_microseconds.add(model_seconds * 1e6)
            counts.overhead_microseconds.add(overhead_seconds * 1e6)

    def flush(self) -> None:
        """Sends what was counted since the last time."""
        with self._lock:
            counted, self._counts = self._counts, {}
        for (caller, endpoint_name, variant_name), counts in counted.items():
            dimensions: list[DimensionTypeDef] = [
                {"Name": "EndpointName", "Value": endpoint_name},
                {"Name": "VariantName", "Value": variant_name},
            ]
            total = counts.invocations
            values: list[tuple[str, StandardUnitType, Statistics]] = [
                ("Invocations", "Count", Statistics(total, float(total), 1.0, 1.0)),
                ("Invocation4XXErrors", "Count", _errors(counts.client_errors, total)),
                ("Invocation5XXErrors", "Count", _errors(counts.server_errors, total)),
                ("InvocationModelErrors", "Count", _errors(counts.model_errors, total)),
                ("ModelLatency", "Microseconds", counts.model_microseconds),
                ("OverheadLatency", "Microseconds", counts.overhead_microseconds),
            ]
            data: list[MetricDatumTypeDef] = [
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Unit": unit,
                    "StatisticValues": {
                        "SampleCount": statistics.count,
                        "Sum": statistics.total,
                        "Minimum": statistics.minimum,
                        "Maximum": statistics.maximum,
                    },
                }
                for name, unit, statistics in values
            ]
            try:
                self._clients.cloudwatch(caller.account, caller.region).put_metric_data(
                    Namespace=NAMESPACE, MetricData=data
                )
            except (BotoCoreError, ClientError):
                logger.warning("invocation metrics of %s were lost", endpoint_name, exc_info=True)

    def shutdown(self) -> None:
        """Sends the rest and ends the thread."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._flush_seconds):
            self.flush()
        self.flush()


def _errors(errors: int, invocations: int) -> Statistics:
    """One value per invocation: 1 for an error, 0 for a success."""
    return Statistics(invocations, float(errors), float(errors == invocations), float(errors > 0))
