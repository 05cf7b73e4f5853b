"""What an algorithm of AWS's demands of a job beside its hyperparameters: of its instances, and of waiting for them.

Sources: the page of each algorithm, and "Managed Spot Training", in the developer guide.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_catalog.instance_type import instance_size

_LONGEST_WAIT_SECONDS: Final = 3600
"""Of a managed spot job of an algorithm that keeps no checkpoints."""


def instance_problems(
    name: str, demands: Mapping[str, Any], *, instance_type: str, instance_count: int
) -> Iterator[tuple[str, str]]:
    """The arguments that are wrong, each with a sentence.

    Raises:
        UnknownInstanceType: There is no such type.
    """
    if demands.get("processor") == "gpu" and not instance_size(instance_type).gpus:
        yield (
            "instance_type",
            f"{name} trains on GPUs only, and '{instance_type}' has none; use one such as ml.p3.2xlarge.",
        )
    if demands.get("single") and instance_count > 1:
        yield "instance_count", f"{name} trains on one instance only, got {instance_count}; use 1."


def wait_problems(name: str, max_wait_seconds: float) -> Iterator[str]:
    """What is wrong with how long a managed spot job of an algorithm without checkpoints may take."""
    if max_wait_seconds > _LONGEST_WAIT_SECONDS:
        yield (
            f"{name} keeps no checkpoints, so a managed spot job of it may take {_LONGEST_WAIT_SECONDS} seconds at "
            f"most, with its waiting; got {max_wait_seconds:g}."
        )
