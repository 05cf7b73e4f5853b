"""A page of the listing of a bucket, without a look at all its keys."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from .index import BucketObjects

_AT_A_TIME: Final = 1000
_LAST: Final = chr(sys.maxunicode)
_SURROGATES: Final = range(0xD800, 0xE000)

Entries = tuple[list[str], list[str], bool, str]
"""Keys, common prefixes, whether there is more, and the last of what is listed."""


def list_entries(
    objects: Mapping[str, Any],
    prefix: str,
    delimiter: str,
    most: int,
    start_after: str,
    *,
    own: Callable[..., Entries],
) -> Entries:
    """What the host's `_collect_list_entries` answers.

    Args:
        objects: Of the bucket.
        prefix: What keys begin with.
        delimiter: What ends a common prefix; empty for none.
        most: How many keys and common prefixes there may be.
        start_after: What all of them come after.
        own: The host's, for objects that are elsewhere.
    """
    if not isinstance(objects, BucketObjects):
        return own(objects, prefix, delimiter, most, start_after)
    keys: list[str] = []
    prefixes: list[str] = []
    last = ""
    begin: str | None = max(prefix, f"{start_after}\0") if start_after else prefix
    end = _after_all(prefix)
    while begin is not None:
        found = objects.keys_between(begin, end, _AT_A_TIME)
        for key in found:
            if begin is None or key < begin:
                continue  # in a common prefix that was listed
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            listed = key if at < 0 else key[: at + len(delimiter)]
            begin = f"{key}\0" if at < 0 else _after_all(listed)
            if listed <= start_after:
                continue  # a common prefix that was listed before
            if len(keys) + len(prefixes) >= most:
                return objects.listed(keys), prefixes, True, last
            (keys if at < 0 else prefixes).append(listed)
            last = listed
        if len(found) < _AT_A_TIME:
            break
    return objects.listed(keys), prefixes, False, last


def _after_all(prefix: str) -> str | None:
    """The first text that comes after all that begin with a prefix; None where nothing does."""
    rest = prefix.rstrip(_LAST)
    if not rest:
        return None
    code = ord(rest[-1]) + 1
    return rest[:-1] + chr(_SURROGATES.stop if code in _SURROGATES else code)
