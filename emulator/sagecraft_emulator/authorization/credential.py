"""Who signed a request. Signatures are not checked: whoever reaches the loopback interface may do everything."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_REGION

_CREDENTIAL_BEGIN: Final = "Credential="
_CREDENTIAL: Final = re.compile(_CREDENTIAL_BEGIN + r"([^/,\s]+)/\d{8}/([a-z0-9-]+)/")
_KNOWN_CREDENTIALS: Final = 1_000
_ACCOUNT: Final = re.compile(r"\d{12}")


AccountOf = Callable[[str], str | None]
"""The account of an access key: of a session of a role, or of a user. None where it is nobody's."""


def _of_nobody(access_key: str) -> None:
    """Where there is no host, no access key is known."""


def read_credential(authorization: str) -> tuple[str, str] | None:
    """The access key and region of a request's `Authorization` header; None where it has none."""
    match = _CREDENTIAL.search(authorization)
    return None if match is None else (match[1], match[2])


def read_caller(authorization: str, account_of: AccountOf = _of_nobody) -> Caller:
    """The caller of a request, from its `Authorization` header.

    An access key of twelve digits is the account itself; of any other one the host knows the account. One that it does
    not know, or none, belongs to the default account.

    Args:
        authorization: The header.
        account_of: Asks the host for the account of an access key that does not say it.
    """
    _, _, scope = authorization.partition(_CREDENTIAL_BEGIN)
    credential = _read_scope(scope.partition(",")[0])  # without the signature, which each request has anew
    if credential is None:
        return Caller(DEFAULT_ACCOUNT, DEFAULT_REGION)
    access_key, region = credential
    account = access_key if _ACCOUNT.fullmatch(access_key) else account_of(access_key)
    return Caller(account or DEFAULT_ACCOUNT, region)


@lru_cache(_KNOWN_CREDENTIALS)
def _read_scope(scope: str) -> tuple[str, str] | None:
    return read_credential(_CREDENTIAL_BEGIN + scope)
