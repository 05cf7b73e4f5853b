"""When a step is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aws_cdk import Duration

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

_MOST_ATTEMPTS: Final = 20
_LONGEST_MINUTES: Final = 14_400
"""Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html, and `MAX_ATTEMPTS_CAP` and
`MAX_EXPIRE_AFTER_MIN` of https://github.com/aws/sagemaker-python-sdk, `workflow/retry.py`.
"""


class RetryException(StrEnum):
    """What a step may fail of and be tried again."""

    SERVICE_FAULT = "Step.SERVICE_FAULT"
    """A fault of the service that the step calls."""
    THROTTLING = "Step.THROTTLING"
    """Too many calls."""
    JOB_INTERNAL_ERROR = "SageMaker.JOB_INTERNAL_ERROR"
    """The job failed by a fault of SageMaker's."""
    CAPACITY_ERROR = "SageMaker.CAPACITY_ERROR"
    """There were no instances of the type."""
    RESOURCE_LIMIT = "SageMaker.RESOURCE_LIMIT"
    """The account's quota of instances was used up."""


@check_props
@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """When a step is tried again.

    Attributes:
        exceptions: What it is tried again after.
        interval: How long it waits before the first time. Left out, a second.
        backoff_rate: What that is multiplied by each further time. Left out, 2.
        max_attempts: How often at most, 1 to 20. Either this or `expire_after` is given.
        expire_after: For how long at most, whole minutes up to ten days.
    """

    exceptions: Sequence[RetryException]
    interval: Duration | None = None
    backoff_rate: float = 2.0
    max_attempts: int | None = None
    expire_after: Duration | None = None

    def __post_init__(self) -> None:
        problems = Problems("RetryPolicy")
        problems.require_known(exceptions=self.exceptions)
        if not self.exceptions:
            problems.add("exceptions", "is empty, so nothing would be tried again; name some of RetryException.")
        check_number(problems, "backoff_rate", self.backoff_rate, 0)
        if (self.max_attempts is None) == (self.expire_after is None):
            problems.add("max_attempts", "or 'expire_after' is needed, and AWS takes no more than one of them.")
        check_number(problems, "max_attempts", self.max_attempts, 1, _MOST_ATTEMPTS)
        if self.expire_after is not None and not is_token(self.expire_after):
            minutes = self.expire_after.to_minutes(integral=False)
            check_number(problems, "expire_after", minutes, 1, _LONGEST_MINUTES)
            if minutes != int(minutes):
                problems.add("expire_after", f"should be whole minutes, got {minutes:.10g}.")
        problems.raise_any()

    @property
    def request(self) -> dict[str, Any]:
        """As a pipeline's definition has it."""
        return present(
            ExceptionType=[each.value for each in self.exceptions],
            IntervalSeconds=1 if self.interval is None else self.interval.to_seconds(),
            BackoffRate=self.backoff_rate,
            MaxAttempts=self.max_attempts,
            ExpireAfterMin=None if self.expire_after is None else self.expire_after.to_minutes(),
        )


def retries(policies: Sequence[RetryPolicy]) -> list[dict[str, Any]] | None:
    """The `RetryPolicies` of a step."""
    return [each.request for each in policies] or None


def cache_config(cache_for: Duration | None) -> dict[str, Any] | None:
    """The `CacheConfig` of a step, whose duration is written as ISO 8601 has it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
    """
    return None if cache_for is None else {"Enabled": True, "ExpireAfter": cache_for.to_iso_string()}
