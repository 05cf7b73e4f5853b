"""What differs between the environments."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One file of `settings/`.

    Attributes:
        keep_data: Whether the bucket stays, with all that it holds, when the stack is deleted.
        num_round: How many trees the model has.
        training_instance_type: Such as `ml.m5.large`.
        hosting_instance_type: Of the endpoint.
        hosting_instance_count: Of the endpoint.
    """

    keep_data: bool
    num_round: int
    training_instance_type: str
    hosting_instance_type: str
    hosting_instance_count: int
