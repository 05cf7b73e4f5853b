"""Instance types by what they can be used for, and their sizes.

Source: the enumerations of botocore's service model of SageMaker; sizes are those of the EC2 type of the same name.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from .errors import UnknownInstanceType
from .near_match import did_you_mean, enumerate_names
from .package_data import load


class InstanceUse(StrEnum):
    """What an instance type may be used for; the sets of types differ."""

    TRAINING = "training"
    HOSTING = "hosting"
    NOTEBOOK = "notebook"
    PROCESSING = "processing"
    TRANSFORM = "transform"
    STUDIO = "studio"


@dataclass(frozen=True)
class InstanceSize:
    """What one instance of a type has.

    Attributes:
        vcpus: Virtual CPUs.
        memory_gib: Memory in GiB.
        gpus: GPUs; 0 where there are none.
    """

    vcpus: int
    memory_gib: float
    gpus: int


@cache
def instance_types(use: InstanceUse) -> frozenset[str]:
    """Every type that SageMaker's API accepts for a use."""
    return frozenset(load("instance_types")["uses"][use])


def check_instance_type(name: str, use: InstanceUse) -> None:
    """Checks that an instance type can be used for something.

    Args:
        name: A type such as `ml.m5.large`; never a CDK token.
        use: What it is to be used for.

    Raises:
        UnknownInstanceType: With the near matches, the sizes of the family that are allowed, or the uses that the
            type does have.
    """
    allowed = instance_types(use)
    if name in allowed:
        return
    other_uses = [other.value for other in InstanceUse if name in instance_types(other)]
    family = name.rpartition(".")[0]
    siblings = sorted((each for each in allowed if each.rpartition(".")[0] == family), key=_by_size)
    message = f"'{name}' is not an instance type for {use}."
    if other_uses:
        message += f" It can only be used for {enumerate_names(other_uses, last='and')}."
    if siblings:
        message += f" Allowed for {use} in its family: {', '.join(siblings)}."
    message += f" Did you mean 'ml.{name}'?" if f"ml.{name}" in allowed else did_you_mean(name, allowed)
    if not (siblings or other_uses) and "Did you mean" not in message:
        families = sorted({each.split(".")[1] for each in allowed})
        message += f" A type is written ml.<family>.<size>; families for {use}: {', '.join(families)}."
    raise UnknownInstanceType(message)


def instance_size(name: str) -> InstanceSize:
    """The size of an instance type.

    Raises:
        UnknownInstanceType: There is no such type, or AWS publishes no size for it.
    """
    sizes = load("instance_types")["sizes"]
    if name not in sizes:
        raise UnknownInstanceType(f"No size is known for an instance type '{name}'.{did_you_mean(name, sizes)}")
    return InstanceSize(**sizes[name])


def _by_size(name: str) -> tuple[int, str]:
    size = load("instance_types")["sizes"].get(name)
    return (0 if size is None else size["vcpus"], name)
