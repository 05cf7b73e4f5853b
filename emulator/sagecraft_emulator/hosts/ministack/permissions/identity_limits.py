"""How IAM's names may be written, and how long sessions of a role may be allowed to last.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, and the text of what is too long in
https://github.com/serverless/examples/issues/405; that of characters is what Terraform's logs tell of PutRolePolicy.
"""

import re
from collections.abc import Callable
from typing import Final

_LONGEST: Final = {"GroupName": 128, "InstanceProfileName": 128, "PolicyName": 128, "RoleName": 64, "UserName": 64}
_NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
_SESSION: Final = "MaxSessionDuration"
_SESSION_SECONDS: Final = (3600, 43_200)


def limit_error(value_of: Callable[[str], str]) -> str | None:
    """What is wrong with the parameters of a request; None where each is within its limits.

    Args:
        value_of: Gives a parameter by its name, empty where it is left out.
    """
    for name, longest in _LONGEST.items():
        value = value_of(name)
        if len(value) > longest:
            return _unfit(name, value, f"length less than or equal to {longest}")
        if value and not _NAME.fullmatch(value):
            return (
                f"The specified value for {_member(name)} is invalid. It must contain only alphanumeric characters "
                "and/or the following: +=,.@_-"
            )
    seconds, (least, most) = value_of(_SESSION), _SESSION_SECONDS
    if seconds.isdecimal() and int(seconds) < least:
        return _unfit(_SESSION, seconds, f"value greater than or equal to {least}")
    if seconds.isdecimal() and int(seconds) > most:
        return _unfit(_SESSION, seconds, f"value less than or equal to {most}")
    return None


def _unfit(name: str, value: str, limit: str) -> str:
    where = f"Value '{value}' at '{_member(name)}'"
    return f"1 validation error detected: {where} failed to satisfy constraint: Member must have {limit}"


def _member(name: str) -> str:
    return name[0].lower() + name[1:]
