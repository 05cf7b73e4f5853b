"""Clients of the tests' emulators."""

from functools import cache
from typing import Any

import boto3

SESSION = boto3.session.Session()
"""One for all tests, because each reads the service models anew."""


@cache
def client(service: str, url: str, region: str = "us-east-1", account: str = "000000000000") -> Any:
    """Made once: that takes longer than most requests."""
    return SESSION.client(
        service,  # type: ignore[call-overload]  # a name that is known at run time only
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="sagecraft",
    )
