"""What SageMaker's execution roles are allowed: each function adds one need of declared work to a role.

Actions are spelt out. A `*` in a resource has its reason beside it, which is also what cdk-nag is told.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from .automl import allow_candidates
from .keys import (
    allow_decrypt,
    allow_encrypt,
    allow_output_key,
    allow_volume_key,
    allow_volume_key_of_work,
    grant_volumes,
)
from .objects import allow_delete, allow_look_for_bucket, allow_offline_store, allow_read, allow_write, grant_read
from .work import allow_network, allow_pull, allow_pull_published, allow_telemetry

__all__ = [
    "allow_candidates",
    "allow_decrypt",
    "allow_delete",
    "allow_encrypt",
    "allow_look_for_bucket",
    "allow_network",
    "allow_offline_store",
    "allow_output_key",
    "allow_pull",
    "allow_pull_published",
    "allow_read",
    "allow_telemetry",
    "allow_volume_key",
    "allow_volume_key_of_work",
    "allow_write",
    "grant_read",
    "grant_volumes",
]
