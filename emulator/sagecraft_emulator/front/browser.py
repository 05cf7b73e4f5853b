"""What a web page in this machine's browser could send, and must not be able to: it would run programs here.

A browser says from where a page is that sends a request, and under which name it looked for the server. A page of
another machine is refused; so is a name that is not of this machine, because whoever owns a name can let it lead here
("DNS rebinding"). Source: "Fetch Metadata Request Headers" of W3C, and RFC 9110, section 7.4.
"""

import ipaddress
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from sagecraft_emulator.pages.name import is_page_host

_NAMES: Final = ("localhost", "localhost.localstack.cloud")
"""Names that lead to this machine everywhere, with all below them. The latter is LocalStack's own."""
_KNOWN_NAMES: Final = 1_000
_HOST_LINE: Final = re.compile(rb"\r\nhost:[ \t]*([^\r\n:]*)", re.IGNORECASE)

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
    if host is not None and _is_page(f"//{host}"):
        return Refusal(421, "This is the name of a page, which is asked on a connection of its own.")
    if host is not None and not _is_here(f"//{host}"):
        return Refusal(
            421,
            f"This emulator answers to its own machine alone, and not as '{host}'. Use localhost, a name that ends in "
            ".localhost or .localhost.localstack.cloud, or 127.0.0.1.",
        )
    return FOREIGN_PAGE if is_of_a_foreign_page(headers) else None


def is_of_a_foreign_page(headers: Headers) -> bool:
    """Whether a browser sent this for a page that is not of this machine, or is of what runs in a sandbox."""
    origin = headers.get("origin")
    if origin is not None and (not _is_here(origin) or _is_page(origin)):
        return True
    return headers.get("sec-fetch-site") == "cross-site"


def is_for_page(data: bytes) -> bool:
    """Whether what a connection begins with is a request to a page's name."""
    end = data.find(b"\r\n\r\n")
    line = _HOST_LINE.search(data, 0, len(data) if end < 0 else end)
    return line is not None and is_page_host(line[1].decode("latin-1").strip())


@lru_cache(_KNOWN_NAMES)
def _is_page(url: str) -> bool:
    try:
        return is_page_host((urlsplit(url).hostname or "").removesuffix("."))
    except ValueError:
        return False


@lru_cache(_KNOWN_NAMES)
def _is_here(url: str) -> bool:
    try:
        name = (urlsplit(url).hostname or "").removesuffix(".")
        if any(name == each or name.endswith(f".{each}") for each in _NAMES):
            return True
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
