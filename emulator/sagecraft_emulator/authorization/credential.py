"""Who signed a request. Signatures are not checked: whoever reaches the loopback interface may do everything."""

import re
from functools import lru_cache
from typing import Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_REGION

_CREDENTIAL_BEGIN: Final = "Credential="
_CREDENTIAL: Final = re.compile(_CREDENTIAL_BEGIN + r"([^/,\s]+)/\d{8}/([a-z0-9-]+)/")
_KNOWN_CREDENTIALS: Final = 1_000
_ACCOUNT: Final = re.compile(r"\d{12}")


def read_credential(authorization: str) -> tuple[str, str] | None:
    """The access key and region of a request's `Authorization` header; None where it has none."""
    match = _CREDENTIAL.search(authorization)
    return None if match is None else (match[1], match[2])


def read_caller(authorization: str) -> Caller:
    """The caller of a request, from its `Authorization` header.

    An access key of twelve digits is the account itself; any other one, or none, belongs to the default account.
    """
    _, _, scope = authorization.partition(_CREDENTIAL_BEGIN)
    return _caller_of(scope.partition(",")[0])  # without the signature, which each request has anew


@lru_cache(_KNOWN_CREDENTIALS)
def _caller_of(scope: str) -> Caller:
    credential = read_credential(_CREDENTIAL_BEGIN + scope)
    if credential is None:
        return Caller(DEFAULT_ACCOUNT, DEFAULT_REGION)
    access_key, region = credential
    return Caller(access_key if _ACCOUNT.fullmatch(access_key) else DEFAULT_ACCOUNT, region)
