"""What a request of the registry names: by its name, or by an ARN, which may be of another account."""

import re
from typing import Final, NamedTuple

from sagecraft_emulator.api.caller import Caller

_ARN: Final = re.compile(
    r"arn:[a-z-]+:sagemaker:(?P<region>[a-z0-9-]*):(?P<account>\d{12}):(?P<type>[a-z-]+)/(?P<name>.+)"
)


class Named(NamedTuple):
    """The account and region that something is of, and its name there."""

    owner: Caller
    name: str


def named(caller: Caller, arn_type: str, given: str) -> Named:
    """What a name or an ARN of a type means for a caller; an ARN of another type is the name of nothing."""
    match = _ARN.fullmatch(given)
    if match is None or match["type"] != arn_type:
        return Named(caller, given)
    return Named(Caller(match["account"], match["region"]), match["name"])
