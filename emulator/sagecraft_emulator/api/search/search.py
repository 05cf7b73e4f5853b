"""The operation `Search`, over all kinds that AWS searches and that are here."""

from collections.abc import Iterable
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.api.service_model import operation_model
from sagecraft_emulator.errors import not_done

from .expression import read
from .property import Property, property_of

SORT_BY: Final = "LastModifiedTime"
_UNSUPPORTED: Final = ("VisibilityConditions",)

Found = tuple[str, dict[str, Any]]


class Search:
    """Finds records.

    Args:
        kinds: Those that say how a search calls them are found.
    """

    def __init__(self, kinds: Iterable[ResourceKind]) -> None:
        self._kinds = {kind.searched_as: kind for kind in kinds if kind.searched_as is not None}

    def search(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of what an expression is true of.

        Raises:
            ApiError: The expression is wrong, or what is searched for is not here.
        """
        kind = self._kinds.get(request["Resource"])
        if kind is None:
            raise not_done(
                f"Search for '{request['Resource']}' is not supported by this emulator. It searches for: "
                f"{', '.join(sorted(map(str, self._kinds)))}."
            )
        for member in _UNSUPPORTED:
            if member in request:
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        if request.get("CrossAccountFilterOption") == "CrossAccount":
            raise not_done("CrossAccountFilterOption 'CrossAccount' is not supported by this emulator.")
        results: Any = operation_model("Search").output_shape
        shape = results.members["Results"].member.members[kind.kind]
        passes = None if "SearchExpression" not in request else read(shape, request["SearchExpression"])
        sort_by = property_of(shape, request["SortBy"]) if "SortBy" in request else _default_order(shape)
        found = [each for each in kind.search_items(caller) if passes is None or passes(each[1])]

        def position(each: Found) -> tuple[Any, ...]:
            return *_rank(sort_by, each[1]), each[0]

        def view(each: Found) -> dict[str, Any]:
            return {kind.kind: each[1]}

        descending = request.get("SortOrder", "Descending") == "Descending"
        answer = page(found, request, "Results", position, view, descending=descending)
        return {**answer, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}}


def _default_order(shape: Any) -> Property | None:
    return property_of(shape, SORT_BY) if SORT_BY in shape.members else None


def _rank(sort_by: Property | None, item: dict[str, Any]) -> tuple[int, Any]:
    """Where a resource stands: those without the property before, and numbers before texts."""
    values = [] if sort_by is None else sort_by.values(item)
    if not values:
        return 0, 0
    first = values[0]
    return (1, first) if isinstance(first, int | float) else (2, str(first))
