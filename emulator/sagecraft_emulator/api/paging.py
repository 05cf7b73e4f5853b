"""Pages of a list."""

import base64
import binascii
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final, TypeVar

from sagecraft_emulator.errors import validation_error

Member = TypeVar("Member")

DEFAULT_PAGE: Final = 10


def page(
    members: Iterable[Member],
    request: Mapping[str, Any],
    list_member: str,
    position: Callable[[Member], tuple[Any, ...]],
    view: Callable[[Member], dict[str, Any]],
    *,
    descending: bool = False,
    keep: Callable[[Member], bool] | None = None,
) -> dict[str, Any]:
    """One page of a list, with the token of the next one where there is more.

    A token says behind which position the next page begins, so that what is created or deleted between two pages makes
    no member come twice or be left out.

    Args:
        members: All of them, in any order.
        request: May have `MaxResults` and `NextToken`.
        list_member: The member of the answer.
        position: What members are sorted by, values of JSON; no two members have the same.
        view: What is answered for a member.
        descending: Whether the last position comes first.
        keep: What of the page is answered, which may be nothing while there is more. Left out, all of it.

    Raises:
        ApiError: The token is not one of ours.
    """
    placed: Iterable[tuple[tuple[Any, ...], Member]] = ((position(each), each) for each in members)
    if (token := request.get("NextToken")) is not None:
        placed = _behind(token, placed, descending=descending)
    size = int(request.get("MaxResults", DEFAULT_PAGE))
    first = heapq.nlargest if descending else heapq.nsmallest
    ordered = first(size + 1, placed, key=itemgetter(0))  # of thousands, it keeps no more than these
    more = {}
    if len(ordered) > size:
        more["NextToken"] = base64.b64encode(json.dumps(ordered[size - 1][0]).encode()).decode()
    return {list_member: [view(each) for _, each in ordered[:size] if keep is None or keep(each)], **more}


def _behind(
    token: str, placed: Iterable[tuple[tuple[Any, ...], Member]], *, descending: bool
) -> Iterator[tuple[tuple[Any, ...], Member]]:
    try:
        last = tuple(json.loads(base64.b64decode(token, validate=True)))
        yield from (each for each in placed if (each[0] < last if descending else each[0] > last))
    except (binascii.Error, ValueError, TypeError):
        raise validation_error(
            f"NextToken '{token}' is not one that a list answered. Leave it out for the first page."
        ) from None
