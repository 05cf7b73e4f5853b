"""How the prices of SageMaker's instances follow from each other's and from EC2's."""

from decimal import Decimal
from typing import Final

from sagecraft_catalog.errors import UnknownInstanceType
from sagecraft_catalog.instance_type import instance_size
from sagecraft_catalog.package_data import load

_PROPORTIONAL: Final = frozenset("tmcr")
"""The families, by their letter, that cost twice as much where the memory is twice as large."""


def family(instance_type: str) -> str:
    """That of an instance type of SageMaker's or EC2's: `m5` of `ml.m5.large` and of `m5.large`."""
    return instance_type.removeprefix("ml.").rpartition(".")[0]


def ec2_ratio(instance_type: str) -> Decimal | None:
    """A type's price over that of the EC2 type of its name; None for families of which that is not known."""
    name, size = family(instance_type), instance_type.rpartition(".")[2]
    ratios = load("prices")["ratios"]
    ratio = ratios["sizes"].get(f"{name[0]}.{size}") or ratios["families"].get(name)
    ratio = ratio or ratios["families"].get(name[0] if name[0] in {*_PROPORTIONAL, "g"} else "")
    return None if ratio is None else Decimal(ratio)


def proportion(instance_type: str, other: str) -> Decimal | None:
    """How many times the other's price a type costs; None unless both are sizes of a family that is priced so."""
    name = family(instance_type)
    if other == instance_type or family(other) != name or name[0] not in _PROPORTIONAL:
        return None
    try:
        return Decimal(str(instance_size(instance_type).memory_gib)) / Decimal(str(instance_size(other).memory_gib))
    except UnknownInstanceType:
        return None
