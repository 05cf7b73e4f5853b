"""Partitions of AWS and the domain names of their regions.

Source: botocore's `endpoints.json` and `partitions.json`.
"""

from typing import Final

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


def dns_suffix(region: str) -> str:
    """The end of AWS's host names in a region: `amazonaws.com`, `amazonaws.com.cn`, …."""
    return next((suffix for prefix, _, suffix in _PARTITIONS if region.startswith(prefix)), "amazonaws.com")
