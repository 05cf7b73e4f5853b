"""Who signed a request. Signatures are not checked: whoever reaches the loopback interface may do everything."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_REGION

_BEGIN: Final = "Credential="
_MAX_SCOPE: Final = 512
"""An access key has up to 128 characters; what is far longer is none, and is not remembered."""
_SCOPE: Final = re.compile(r"([^/\s]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]*)")
_TEMPORARY: Final = "ASIA"
_KNOWN_SCOPES: Final = 1_000
_ACCOUNT: Final = re.compile(r"\d{12}")


class Credential(NamedTuple):
    """What a request is signed with.

    Attributes:
        access_key: Whose key it is.
        region: That it is signed for.
        service: Likewise.
    """

    access_key: str
    region: str
    service: str


AccountOf = Callable[[str], str | None]
"""The account of an access key: of a session of a role, or of a user. None where it is nobody's."""


def _of_nobody(access_key: str) -> None:
    """Where there is no host, no access key is known."""


def read_credential(authorization: str) -> Credential | None:
    """What a request's `Authorization` header names; None where it names nothing.

    It is read once from the left, whatever a client writes into it.
    """
    begin = authorization.find(_BEGIN)
    if begin < 0:
        return None
    begin += len(_BEGIN)
    scope = authorization[begin : begin + _MAX_SCOPE + 1].partition(",")[0]  # without the signature, new each time
    return None if len(scope) > _MAX_SCOPE else _read_scope(scope)


def is_temporary(authorization: str) -> bool:
    """Whether a request is signed with credentials that expire by themselves.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    credential = read_credential(authorization)
    return credential is not None and credential.access_key.startswith(_TEMPORARY)


def read_caller(authorization: str, account_of: AccountOf = _of_nobody) -> Caller:
    """The caller of a request, from its `Authorization` header; otherwise as `caller_of`."""
    return caller_of(read_credential(authorization), account_of)


def caller_of(credential: Credential | None, account_of: AccountOf) -> Caller:
    """Whose a credential is.

    An access key of twelve digits is the account itself; of any other one the host knows the account. One that it does
    not know, or none, belongs to the default account.

    Args:
        credential: What the request is signed with.
        account_of: Asks the host for the account of an access key that does not say it.
    """
    if credential is None:
        return Caller(DEFAULT_ACCOUNT, DEFAULT_REGION)
    access_key, region, _ = credential
    account = access_key if _ACCOUNT.fullmatch(access_key) else account_of(access_key)
    return Caller(account or DEFAULT_ACCOUNT, region)


@lru_cache(_KNOWN_SCOPES)
def _read_scope(scope: str) -> Credential | None:
    match = _SCOPE.match(scope)
    return None if match is None else Credential(*match.groups())
