"""What differs between the environments."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One file of `settings/`.

    Attributes:
        keep_data: Whether the bucket and the home directories stay, with all that they hold, when the stack is deleted.
        people: Who works in Studio.
        instance_type: What their JupyterLab runs on, such as `ml.t3.medium`.
        idle_minutes: After so many minutes in which nobody works, an app is deleted; from 60 on.
    """

    keep_data: bool
    people: list[str]
    instance_type: str
    idle_minutes: int
