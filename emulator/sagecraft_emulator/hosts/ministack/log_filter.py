"""CloudWatch Logs' `FilterLogEvents` a page after another, of the streams that a prefix names.

ministack answers with a first page of all streams.
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

MOST_EVENTS: Final = 10_000
"""Of a page."""
Event = dict[str, Any]

# ruff: noqa: SLF001 - ministack has no public way to any of this


def filter_in_pages(module: Any) -> None:
    """Has ministack's CloudWatch Logs answer in pages; once, however often it is called.

    Args:
        module: ministack's own.
    """
    if not isinstance(module._filter_log_events, _FilterInPages):
        module._filter_log_events = _FilterInPages(module)


class _FilterInPages:
    """`FilterLogEvents`. A token tells a time, and how many events of that time were looked at already."""

    def __init__(self, module: Any) -> None:
        self._module, self._own = module, module._filter_log_events

    def __call__(self, request: dict[str, Any]) -> Any:
        group = self._module._log_groups.get(self._module._resolve_log_group_name(request))
        if group is None:
            return self._own(request)  # which refuses
        at, seen = request.get("startTime"), 0
        if "nextToken" in request:
            try:
                at, seen = map(int, request["nextToken"].split("-"))
            except ValueError:
                told = "The specified nextToken is invalid."
                return self._module.error_response_json("InvalidParameterException", told, 400)
        matches = self._module._compile_filter_pattern(request.get("filterPattern", ""))
        limit = min(request.get("limit", MOST_EVENTS), MOST_EVENTS)
        found: list[Event] = []
        for event, stream in islice(self._events(group["streams"], request, at), seen, None):
            if len(found) == limit:
                return self._answer(found, nextToken=f"{at}-{seen}")
            if event["timestamp"] != at:
                at, seen = event["timestamp"], 0
            seen += 1
            if matches(event["message"]):
                found.append({**event, "logStreamName": stream})
        return self._answer(found)

    def _events(
        self, streams: dict[str, Any], request: dict[str, Any], start: int | None
    ) -> Iterator[tuple[Event, str]]:
        """The events that are asked for, from a time on, each with its stream."""
        prefix, names = request.get("logStreamNamePrefix", ""), request.get("logStreamNames")
        end, ranges = request.get("endTime"), []
        with self._module._log_events_lock:
            for name in [each for each in streams if each.startswith(prefix)] if names is None else names:
                if name in streams:
                    events = streams[name]["events"]
                    first = 0 if start is None else bisect_left(events, start, key=_time)
                    behind = len(events) if end is None else bisect_right(events, end, key=_time)
                    ranges.append(self._module._stream_event_range(events, name, first, behind))
        return heapq.merge(*ranges, key=lambda entry: (_time(entry[0]), entry[0]["ingestionTime"]))

    def _answer(self, events: list[Event], **more: str) -> Any:
        return self._module.json_response({"events": events, "searchedLogStreams": [], **more})


def _time(event: Event) -> int:
    time: int = event["timestamp"]
    return time
