"""What the operations have in common: how they refuse, and what a request asks for."""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer

Request = Mapping[str, Any]

DAY_MILLISECONDS: Final = 86_400_000
_TYPE: Final = "application/x-amz-json-1.1"
_OF_CLIENT, _OF_SERVER = 400, 503


class Refused(Exception):
    """A request that is not answered, with AWS's code and text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer(members: Mapping[str, Any]) -> ServiceAnswer:
    """An answer of the service."""
    return 200, {"Content-Type": _TYPE}, json.dumps(members).encode()


def refusal(refused: Refused) -> ServiceAnswer:
    """The answer of a request that is refused."""
    status = _OF_SERVER if refused.code == "ServiceUnavailableException" else _OF_CLIENT
    body = json.dumps({"__type": refused.code, "message": str(refused)}).encode()
    return status, {"Content-Type": _TYPE, "x-amzn-errortype": refused.code}, body


def wrong(message: str) -> Refused:
    """What AWS says of a parameter that is wrong."""
    return Refused("InvalidParameterException", message)


def unmet(value: object, member: str, constraint: str) -> Refused:
    """What AWS says of a value that its model does not allow."""
    return wrong(
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must "
        f"{constraint}"
    )


def missing(member: str) -> Refused:
    """What AWS says of a member that a request must have."""
    constraint = f"Value null at '{member}' failed to satisfy constraint: Member must not be null"
    return wrong(f"1 validation error detected: {constraint}")


def required(request: Request, member: str) -> Any:
    """A member that a request must have.

    Raises:
        Refused: It has not.
    """
    if request.get(member) is None:
        raise missing(member)
    return request[member]


def limit_of(request: Request, most: int) -> int:
    """The `limit` of a request.

    Raises:
        Refused: It is no number that AWS takes.
    """
    limit: int = request.get("limit", most)
    if limit < 1:
        raise unmet(limit, "limit", "have value greater than or equal to 1")
    if limit > most:
        raise unmet(limit, "limit", f"have value less than or equal to {most}")
    return limit


def now_milliseconds() -> int:
    """The time."""
    return int(time.time() * 1000)


def kept_since(record: Mapping[str, Any]) -> int:
    """The time of the earliest event that a group keeps, by its retention."""
    days = record.get("retentionInDays")
    return 0 if days is None else now_milliseconds() - days * DAY_MILLISECONDS
