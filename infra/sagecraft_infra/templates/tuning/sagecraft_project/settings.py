"""What differs between the environments."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One file of `settings/`.

    Attributes:
        keep_data: Whether the bucket stays, with all that it holds, when the stack is deleted.
        max_jobs: How many training jobs the tuning job begins.
        max_parallel_jobs: How many at once.
        training_instance_type: Of each training job, such as `ml.m5.large`.
        hosting_instance_type: Of the endpoint.
        hosting_instance_count: Of the endpoint.
    """

    keep_data: bool
    max_jobs: int
    max_parallel_jobs: int
    training_instance_type: str
    hosting_instance_type: str
    hosting_instance_count: int
