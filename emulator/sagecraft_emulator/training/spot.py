"""Managed spot training: a job's instances may be taken away, and the job goes on from its checkpoints later.

Nothing takes instances away on one machine, so an interruption is asked for, by tags of the job. AWS passes over them.

Source: "Managed Spot Training in Amazon SageMaker AI" in the developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from sagecraft_emulator.errors import JobFailed

INTERRUPT_AFTER_TAG: Final = "sagecraft:interrupt-after-seconds"
"""Seconds of training after which the instances are taken away, one number for each time, separated by spaces."""
INTERRUPTED_FOR_TAG: Final = "sagecraft:interrupted-for-seconds"
"""Seconds for which there are none then; 0 when left out."""
PRICE_SHARE: Final = 0.3
"""What spot capacity costs of the on-demand price. AWS's is between 0.1 and 1 and changes; this is a common one."""


class Interrupted(Exception):
    """The instances of the job were taken away."""


@dataclass(frozen=True)
class ManagedSpot:
    """How a job is interrupted.

    Attributes:
        interrupt_after: Seconds of training before each interruption.
        interrupted_for: Seconds without instances.
    """

    interrupt_after: tuple[float, ...] = ()
    interrupted_for: float = 0.0

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> "ManagedSpot":
        """What the tags of a job ask for.

        Raises:
            JobFailed: A tag's value is not a number of seconds.
        """
        interrupted_for = _seconds(tags, INTERRUPTED_FOR_TAG)
        return cls(_seconds(tags, INTERRUPT_AFTER_TAG), interrupted_for[0] if interrupted_for else 0.0)

    def after(self, interruptions: int) -> float | None:
        """Seconds until the next interruption, of a job that had so many; None when there is none to come."""
        return self.interrupt_after[interruptions] if interruptions < len(self.interrupt_after) else None


def billable_seconds(instance_seconds: float) -> int:
    """What is billed for a managed spot job that had instances for a time; the time without is free."""
    return max(1, round(PRICE_SHARE * instance_seconds))


def _seconds(tags: Mapping[str, str], name: str) -> tuple[float, ...]:
    try:
        seconds = tuple(float(each) for each in tags.get(name, "").split())
    except ValueError:
        seconds = (-1.0,)
    if not all(0 <= each < inf for each in seconds):
        raise JobFailed(
            f"ClientError: the tag {name} is '{tags[name]}'; it must be a number of seconds from 0, or several "
            "separated by spaces."
        )
    return seconds
