"""The AWS clients of the function, each made once."""

from functools import cache
from typing import Any

import boto3


@cache
def client(service: str) -> Any:
    """A service's, by the name that boto3 has for it."""
    make: Any = boto3.client  # whose types are of names that are written down
    return make(service)
