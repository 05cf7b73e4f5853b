"""Partitions of AWS and the domain names of their regions.

Source: botocore's `endpoints.json` and `partitions.json`.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from .near_match import did_you_mean
from .package_data import load

_PARTITIONS: Final = (
    # region prefix, partition, DNS suffix
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
)


def partition(region: str) -> str:
    """The partition that a region is in: `aws`, `aws-cn`, `aws-us-gov`, …."""
    return next((name for prefix, name, _ in _PARTITIONS if region.startswith(prefix)), "aws")


@cache
def regions() -> tuple[str, ...]:
    """The regions of all partitions that this version knows."""
    return tuple(load("prices")["regions"])


def no_such_region(region: str, known: Iterable[str] | None = None) -> str | None:
    """Why a region is none, as a sentence with near matches; None where there is one of that name.

    Args:
        region: Its name.
        known: All that there are. Left out, those that this version knows.
    """
    names = regions() if known is None else tuple(known)
    return None if region in names else f"There is no region '{region}'.{did_you_mean(region, names)}"


def dns_suffix(region: str) -> str:
    """The end of AWS's host names in a region: `amazonaws.com`, `amazonaws.com.cn`, …."""
    return next((suffix for prefix, _, suffix in _PARTITIONS if region.startswith(prefix)), "amazonaws.com")
