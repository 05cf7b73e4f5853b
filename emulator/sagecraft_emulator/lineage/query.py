"""`QueryLineage`: what came of something, and what it came of.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/querying-lineage-entities.html
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.errors import resource_not_found, validation_error
from sagecraft_emulator.state.store import Record, Store

from .entity import ASSOCIATION, ends_of
from .vertex import ENTITIES, OF_EXPERIMENTS, Vertex, of_record, vertex

DEEPEST: Final = 10
_OF_LINEAGE: Final = (*(kind for kind in ENTITIES if kind not in OF_EXPERIMENTS), "TrialComponent")

Beside = dict[str, list[tuple[str, Record]]]
"""The ARNs beside an ARN, each with the association that leads there."""


class LineageQuery:
    """Walks along associations.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def query(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of what is reached from the start, the nearest first, with the associations that led there.

        Filters decide what of it is answered, not where the way leads. Without a start, it is all that passes them.

        Raises:
            ApiError: The start is not there, or neither it nor a filter is given.
        """
        filters, starts = request.get("Filters", {}), request.get("StartArns", [])
        if not starts and not filters:
            raise validation_error("At least one of StartArns and Filters must be given.")
        beside = self._beside(caller, request.get("Direction", "Both")) if starts else {}
        reached = self._walk(starts, beside, request.get("MaxDepth", DEEPEST)) if starts else self._all(caller)
        order = {each.record.arn: index for index, each in enumerate(reached)}
        passing = [each for each in reached if each.record.arn not in starts and _passes(each, filters)]
        answer = page(passing, {"MaxResults": 50, **request}, "Vertices", lambda each: (order[each.record.arn],), _view)
        told = {each["Arn"] for each in answer["Vertices"]} if request.get("IncludeEdges", True) else set()
        ends = {each.record.arn for each in passing} | set(starts)
        # Each edge comes once: with that of its ends which is answered last.
        answer["Edges"] = [
            edge
            for last, edge in _edges(beside, order)
            if reached[last].record.arn in told and ends >= {edge["SourceArn"], edge["DestinationArn"]}
        ]
        return answer

    def _all(self, caller: Caller) -> list[Vertex]:
        records = [record for kind in _OF_LINEAGE for record in self._store.each(kind, *caller)]
        return list(map(of_record, sorted(records, key=lambda record: (record.created, record.arn))))

    def _beside(self, caller: Caller, direction: str) -> Beside:
        """Where each entity leads to, by its ARN."""
        beside: Beside = {}
        for association in self._store.find(ASSOCIATION, *caller):
            source, destination = ends_of(association)
            if direction != "Ascendants":
                beside.setdefault(source, []).append((destination, association))
            if direction != "Descendants":
                beside.setdefault(destination, []).append((source, association))
        return beside

    def _walk(self, starts: Iterable[str], beside: Beside, max_depth: int) -> list[Vertex]:
        """What is reached, the nearest first."""
        reached: dict[str, Vertex] = {}
        waiting = deque((arn, 0) for arn in starts)
        while waiting:
            arn, depth = waiting.popleft()
            if arn in reached:
                continue
            found = vertex(self._store, arn)
            if found is None:
                if depth == 0:
                    raise resource_not_found(f"'{arn}' does not exist, or is no entity of a lineage.")
                continue
            reached[arn] = found
            if depth < max_depth:
                waiting.extend((other, depth + 1) for other, _ in beside.get(arn, ()))
        return list(reached.values())


def _edges(beside: Beside, order: Mapping[str, int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each association of two that were reached, with the place of that of them which came later."""
    seen: set[str] = set()
    for arn, place in order.items():
        for other, association in beside.get(arn, ()):
            if other in order and association.key.name not in seen:
                seen.add(association.key.name)
                yield max(place, order[other]), dict(association.body)


def _passes(each: Vertex, filters: Mapping[str, Any]) -> bool:
    created, modified = each.record.created, each.record.modified
    return (
        each.type in filters.get("Types", [each.type])
        and each.lineage_type in filters.get("LineageTypes", [each.lineage_type])
        and filters.get("CreatedAfter", created) <= created <= filters.get("CreatedBefore", created)
        and filters.get("ModifiedAfter", modified) <= modified <= filters.get("ModifiedBefore", modified)
        and filters.get("Properties", {}).items() <= each.properties.items()
    )


def _view(each: Vertex) -> dict[str, Any]:
    return {"Arn": each.record.arn, "Type": each.type, "LineageType": each.lineage_type}
