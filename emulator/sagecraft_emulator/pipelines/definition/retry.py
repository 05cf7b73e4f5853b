"""Whether a step that has failed is tried again, and when.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.errors import ApiError

THROTTLING, SERVICE_FAULT = "Step.THROTTLING", "Step.SERVICE_FAULT"
INTERNAL_ERROR, CAPACITY_ERROR = "SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR"
RESOURCE_LIMIT: Final = "SageMaker.RESOURCE_LIMIT"
TYPES: Final = (THROTTLING, SERVICE_FAULT, INTERNAL_ERROR, CAPACITY_ERROR, RESOURCE_LIMIT)
_OF_JOBS: Final = {"InternalServerError": INTERNAL_ERROR, "CapacityError": CAPACITY_ERROR}
"""How the reason of a job begins that has failed for what a policy may name."""
_DEFAULT_INTERVAL_SECONDS: Final = 1
_DEFAULT_BACKOFF_RATE: Final = 2.0
_NOT_DONE: Final = 501


def exception_of(error: ApiError) -> str | None:
    """What policies call the refusal of a request; None for one that they do not name."""
    if error.code == "ResourceLimitExceeded":
        return RESOURCE_LIMIT
    if error.code.startswith("Throttling"):
        return THROTTLING
    is_fault = error.http_status >= 500 and error.http_status != _NOT_DONE
    return SERVICE_FAULT if is_fault else None


def exception_of_job(reason: str) -> str | None:
    """What policies call the failure of a job, by its reason; None for one that they do not name."""
    return _OF_JOBS.get(reason.partition(":")[0])


def retried_at(members: Mapping[str, Any], exception: str | None, attempts: int, began: float) -> float | None:
    """When a step is tried again, in epoch seconds; None for never.

    Args:
        members: The step, as the definition has it.
        exception: What policies call the failure.
        attempts: How often it was tried.
        began: When it was first, in epoch seconds.
    """
    policies = members.get("RetryPolicies", ())
    policy = next((each for each in policies if exception in each.get("ExceptionType", ())), None)
    if policy is None or attempts > int(policy.get("MaxAttempts", attempts)):
        return None
    interval = float(policy.get("IntervalSeconds", _DEFAULT_INTERVAL_SECONDS))
    at = time.time() + interval * float(policy.get("BackoffRate", _DEFAULT_BACKOFF_RATE)) ** (attempts - 1)
    if "ExpireAfterMin" in policy and at > began + 60 * float(policy["ExpireAfterMin"]):
        return None
    return at
