"""The names of a training job, and of what a template reads of it."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

HASH_LENGTH: Final = 10


def training_job_name(prefix: str, request: Mapping[str, Any], attempt: int = 1) -> str:
    """The name of the job that a request describes.

    Equal requests have equal names, so what is unchanged is found instead of run again. Tags may change without a new
    job.

    Args:
        prefix: What the name begins with.
        request: `CreateTrainingJob` without the name, as CloudFormation resolved it.
        attempt: 1, or more where the earlier attempts failed or their artefacts are gone.
    """
    definition = {member: value for member, value in request.items() if member != "Tags"}
    digest = hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:HASH_LENGTH]
    return f"{prefix}-{digest}" if attempt == 1 else f"{prefix}-{digest}-{attempt}"


def metric_attribute(metric_name: str) -> str:
    """The attribute that holds a final metric: `validation:auc` is `Metrics.validation_auc`."""
    return f"Metrics.{re.sub(r'[^A-Za-z0-9]', '_', metric_name)}"
