"""The host names of pages: each is an origin of its own for a browser, which looks for all of them on this machine.

Cookies know no ports, so that pages on the ports of one host name would have each other's.
"""

import hashlib
import re
from typing import Final

from sagecraft_emulator.settings import DEFAULT_ACCOUNT
from sagecraft_emulator.state.store import RecordKey

_DOMAIN: Final = "sagemaker.localhost"
"""Every name below `localhost` leads to this machine. Source: RFC 6761, section 6.3."""
_PAGE: Final = re.compile(r"(?:[a-z0-9-]+\.)+(?:notebook|studio)\.[a-z0-9-]+\.sagemaker\.localhost", re.IGNORECASE)
_DIGEST_CHARACTERS: Final = 8


def page_host(key: RecordKey, noun: str) -> str:
    """The host name of a resource's page, which no other resource has.

    It is AWS's `NAME.NOUN.REGION.sagemaker.aws` below `localhost`. The account stands in it where it is not the one
    that the emulator plays by itself, and a digest where the name has capitals, which host names do not tell apart.

    Args:
        key: The resource.
        noun: As in AWS's name, such as `notebook`.
    """
    labels = [key.name.lower()]
    if key.name != labels[0]:
        labels.append(hashlib.sha256(key.name.encode()).hexdigest()[:_DIGEST_CHARACTERS])
    if key.account != DEFAULT_ACCOUNT:
        labels.append(key.account)
    return ".".join([*labels, noun, key.region, _DOMAIN])


def is_page_host(host: str) -> bool:
    """Whether a host name, without a port, is that of a page."""
    return _PAGE.fullmatch(host) is not None
