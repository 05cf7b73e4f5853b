"""Values that are known at deployment alone, which the CDK writes as tokens."""

import math
from pathlib import Path

from aws_cdk import Token


def is_token(value: object) -> bool:
    """Whether a value is a token: a text with one in it, the number or the list that stands for one, or a reference.

    The CDK's process ends when it is asked of a number that JSON has no word for, and knows nothing of our own types.
    """
    match value:
        case Path():
            return Token.is_unresolved(str(value))
        case str() | int():
            return Token.is_unresolved(value)
        case float():
            return math.isfinite(value) and Token.is_unresolved(value)
        case [str()]:
            return Token.is_unresolved(list(value))
        case _:
            return hasattr(value, "__jsii_type__") and Token.is_unresolved(value)
