"""Values that are known at deployment alone, which the CDK writes as tokens."""

import math
from pathlib import Path
from typing import Final

from aws_cdk import Token

# Every text that stands for a token has this in it, and every number that does is below this one.
_MARK: Final = "Token["
_NUMBERS_BELOW: Final = -1e288


def is_token(value: object) -> bool:
    """Whether a value is a token: a text with one in it, the number or the list that stands for one, or a reference.

    The CDK's process ends when it is asked of a number that JSON has no word for, and knows nothing of our own types.
    It is asked only of what may be a token: an answer from another process takes longer than the rest of a check.
    """
    match value:
        case Path():
            return is_token(str(value))
        case str():
            return _MARK in value and Token.is_unresolved(value)
        case int() | float():
            return value < _NUMBERS_BELOW and math.isfinite(value) and Token.is_unresolved(value)
        case [str(only)]:
            return _MARK in only and Token.is_unresolved(list(value))
        case _:
            return hasattr(value, "__jsii_type__") and Token.is_unresolved(value)
