"""What a web page in this machine's browser could send, and must not be able to: it would run programs here.

A browser says from where a page is that sends a request, and under which name it looked for the server. A page of
another machine is refused; so is a name that is not of this machine, because whoever owns a name can let it lead here
("DNS rebinding"). Source: "Fetch Metadata Request Headers" of W3C, and RFC 9110, section 7.4.
"""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_NAMES: Final = ("localhost", "localhost.localstack.cloud")
"""Names that lead to this machine everywhere, with all below them. The latter is LocalStack's own."""
_KNOWN_NAMES: Final = 1_000

Headers = Mapping[str, str]


class Refusal(NamedTuple):
    """Why a request is not answered.

    Attributes:
        status: Of the answer.
        message: For whoever sent it.
    """

    status: int
    message: str


FOREIGN_PAGE: Final = Refusal(403, "Requests from web pages of other hosts are refused.")


def refusal(headers: Headers) -> Refusal | None:
    """Why a request must not be answered; None where it may. Names of headers are in lower case."""
    host = headers.get("host")
    if host is not None and not _is_here(f"//{host}"):
        return Refusal(
            421,
            f"This emulator answers to its own machine alone, and not as '{host}'. Use localhost, a name that ends in "
            ".localhost or .localhost.localstack.cloud, or 127.0.0.1.",
        )
    return FOREIGN_PAGE if is_of_a_foreign_page(headers) else None


def is_of_a_foreign_page(headers: Headers) -> bool:
    """Whether a browser sent this for a page that is not of this machine."""
    origin = headers.get("origin")
    return headers.get("sec-fetch-site") == "cross-site" or (origin is not None and not _is_here(origin))


@lru_cache(_KNOWN_NAMES)
def _is_here(url: str) -> bool:
    try:
        name = (urlsplit(url).hostname or "").removesuffix(".")
        if any(name == each or name.endswith(f".{each}") for each in _NAMES):
            return True
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
