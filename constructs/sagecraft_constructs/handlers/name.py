"""The names of a job, and of what a template reads of it."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

HASH_LENGTH: Final = 10
ATTEMPTS: Final = 99
SUFFIX_LENGTH: Final = len("-") + HASH_LENGTH + len(f"-{ATTEMPTS}")
"""How many characters of a name are not its prefix."""


def job_name(prefix: str, request: Mapping[str, Any], attempt: int = 1) -> str:
    """The name of the job that a request describes.

    Equal requests have equal names, so what is unchanged is found instead of run again. Tags may change without a new
    job.

    Args:
        prefix: What the name begins with.
        request: `CreateTrainingJob` or its like without the name, as CloudFormation resolved it.
        attempt: 1, or more where the earlier attempts failed or their results are gone.
    """
    definition = {member: value for member, value in request.items() if member != "Tags"}
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:HASH_LENGTH]
    return f"{prefix}-{digest}" if attempt == 1 else f"{prefix}-{digest}-{attempt}"


def resource_type(kind: str) -> str:
    """The type of the custom resource that stands for a job of a kind, such as `TrainingJob`."""
    return f"Custom::SageMaker{kind}"


def metric_attribute(metric_name: str) -> str:
    """The attribute that holds a final metric: `validation:auc` is `Metrics.validation_auc`."""
    return f"Metrics.{_attribute(metric_name)}"


def hyperparameter_attribute(name: str) -> str:
    """The attribute that holds what a tuning job found best for a hyperparameter: `BestHyperParameters.eta`."""
    return f"BestHyperParameters.{_attribute(name)}"


def output_attribute(output_name: str) -> str:
    """The attribute that holds the URI of an output of a processing job: `Outputs.train`."""
    return f"Outputs.{_attribute(output_name)}"


def _attribute(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", name)
