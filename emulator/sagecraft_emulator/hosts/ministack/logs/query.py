"""CloudWatch Logs Insights: what `StartQuery` finds, of which no more is in memory than it answers."""

import heapq
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer

from .answers import Refused, Request, answer, kept_since, wrong
from .event import Event, Position
from .reading import Selection, events
from .store import Group, LogStore

Record = dict[str, Any]

# ruff: noqa: SLF001 - ministack has no public way to any of this


def record(module: Any, group: str, event: Event) -> Record:
    """An event as a query sees it."""
    built: Record = module._build_log_record(
        ptr=str(event.position),
        timestamp_ms=event.timestamp,
        message=event.message,
        log_group=group,
        log_stream=event.stream,
    )
    return built


def records_of(module: Any, store: LogStore, groups: Sequence[str], start: int, end: int) -> Iterator[Record]:
    """What was written to groups from one second to another, in the order of time."""
    scope = module.get_account_id(), module.get_region()

    def of(name: str) -> Iterator[Record]:
        begin = max(start * 1000, kept_since(module._log_groups[name]))
        selection = Selection(Group(*scope, name), begin=Position(begin), end=Position(end * 1000 + 1))
        return (record(module, name, event) for event in events(store, selection))

    return heapq.merge(*(of(name) for name in groups if name in module._log_groups), key=_time)


def start_query(module: Any, store: LogStore, request: Request) -> ServiceAnswer:
    """`StartQuery`: what ministack does with a query, of records that come one after the other.

    Raises:
        Refused: The groups are not there, or none is named.
    """
    groups = module._resolve_query_log_groups(request)
    if not groups:
        raise wrong("logGroupName, logGroupNames, or logGroupIdentifiers is required")
    for name in groups:
        if name not in module._log_groups:
            raise Refused("ResourceNotFoundException", f"The specified log group does not exist: {name}")
    text = request.get("queryString", "")
    start, end = int(request.get("startTime", 0)), int(request.get("endTime", time.time()))
    limit = module._parse_insights_limit(text, request.get("limit"))
    found = _Matching(records_of(module, store, groups, start, end), module._insights_filter_predicates(text))
    rows = _first(module, found, module._parse_insights_sort(text), limit)
    fields, query = module._parse_insights_fields(text), module.new_uuid()
    asked = {name: request.get(name, []) for name in ("logGroupNames", "logGroupIdentifiers")}
    module._queries[query] = {
        "queryId": query,
        "logGroupName": request.get("logGroupName", ""),
        **asked,
        "startTime": start,
        "endTime": end,
        "queryString": text,
        "status": "Complete",
        "results": [module._row_from_record(row, fields) for row in rows],
        "statistics": found.statistics,
    }
    return answer({"queryId": query})


class _Matching:
    """The records that all conditions hold for; counts what it has seen of them."""

    def __init__(self, records: Iterator[Record], conditions: Sequence[Any]) -> None:
        self._records, self._conditions = records, conditions
        self._matched = self._scanned = self._bytes = 0

    @property
    def statistics(self) -> Mapping[str, float]:
        return {
            "recordsMatched": float(self._matched),
            "recordsScanned": float(self._scanned),
            "bytesScanned": float(self._bytes),
        }

    def __iter__(self) -> Iterator[Record]:
        for each in self._records:
            self._scanned += 1
            self._bytes += len(each["@message"])
            if all(condition(each) for condition in self._conditions):
                self._matched += 1
                yield each


def _first(module: Any, found: _Matching, order: tuple[str, bool] | None, limit: int) -> list[Record]:
    """The first of the records in an order, of which all are counted."""
    if order is None or order == ("@timestamp", True):
        every = iter(found)
        rows = list(islice(every, limit))
        for _ in every:
            pass
        return rows
    field, ascending = order

    def key(each: Record) -> Any:
        return _time(each) if field == "@timestamp" else str(module._public_log_record(each).get(field, ""))

    return heapq.nsmallest(limit, found, key) if ascending else heapq.nlargest(limit, found, key)


def _time(each: Record) -> int:
    time_of: int = each["_timestamp_ms"]
    return time_of
