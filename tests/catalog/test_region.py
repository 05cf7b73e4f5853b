import pytest
from sagecraft_catalog import dns_suffix, partition


@pytest.mark.parametrize(
    ("region", "expected_partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
    ],
)
def test_region_is_in_its_partition(region: str, expected_partition: str, suffix: str) -> None:
    assert (partition(region), dns_suffix(region)) == (expected_partition, suffix)
