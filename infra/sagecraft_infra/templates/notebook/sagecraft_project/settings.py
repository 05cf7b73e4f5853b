"""What differs between the environments."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One file of `settings/`.

    Attributes:
        keep_data: Whether the bucket stays, with all that it holds, when the stack is deleted.
        instance_type: Of the notebook instance, such as `ml.t3.medium`.
        volume_gib: The size of its volume in GiB.
        idle_minutes: After so many minutes in which nobody works, the instance stops by itself.
    """

    keep_data: bool
    instance_type: str
    volume_gib: int
    idle_minutes: int
