"""Something that a deployment needs of an account."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_infra.deployment.diagnosis import Finding, Severity


@dataclass(frozen=True)
class Requirement(Finding):
    """A finding about what is needed.

    Attributes:
        region: Where; empty for what has no region.
        value: How much there is; None for what is not counted, or not known.
        needed: How much is needed; None for what is not counted.
    """

    region: str = ""
    value: float | None = None
    needed: float | None = None


Look = Callable[[], Iterator[Requirement]]


def looked_at(subject: str, look: Look) -> Iterator[Requirement]:
    """What a look found; where AWS does not let one look, that.

    Args:
        subject: What is looked at.
        look: Does it.
    """
    try:
        yield from look()
    except (ClientError, BotoCoreError) as error:
        yield Requirement(subject, Severity.NOTE, f"could not be looked at: {error}")
