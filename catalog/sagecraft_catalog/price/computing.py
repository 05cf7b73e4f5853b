"""How the prices of SageMaker's instances follow from each other's and from EC2's."""

from decimal import Decimal
from typing import Final

from sagecraft_catalog.errors import UnknownInstanceType
from sagecraft_catalog.instance_type import instance_size
from sagecraft_catalog.package_data import load

_PROPORTIONAL: Final = frozenset("tmcr")
"""The families, by their letter, that cost twice as much where the memory is twice as large."""


def ec2_ratio(instance_type: str) -> Decimal | None:
    """A type's price over that of the EC2 type of its name; None for families of which that is not known."""
    _, family, size = instance_type.split(".")
    ratios = load("prices")["ratios"]
    ratio = ratios["sizes"].get(f"{family[0]}.{size}") or ratios["families"].get(family)
    ratio = ratio or ratios["families"].get(family[0] if family[0] in {*_PROPORTIONAL, "g"} else "")
    return None if ratio is None else Decimal(ratio)


def proportion(instance_type: str, other: str) -> Decimal | None:
    """How many times the other's price a type costs; None unless both are sizes of a family that is priced so."""
    family = instance_type.rpartition(".")[0]
    if other == instance_type or other.rpartition(".")[0] != family or family[3:4] not in _PROPORTIONAL:
        return None
    try:
        return Decimal(str(instance_size(instance_type).memory_gib)) / Decimal(str(instance_size(other).memory_gib))
    except UnknownInstanceType:
        return None
