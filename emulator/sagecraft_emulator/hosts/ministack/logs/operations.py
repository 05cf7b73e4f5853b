"""The operations on streams and events, answered from the store. Each may take its time, so a thread calls them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer

from .answers import Refused, Request, answer, kept_since, limit_of, now_milliseconds, required, unmet, wrong
from .event import END, Event, Position
from .putting import accepted, lines_of
from .query import record, records_of, start_query
from .reading import Selection, event_at, events, events_backward
from .store import Group, LogStore, NoStream, Stream

MOST_EVENTS: Final = 10_000
"""Of a page."""
_MOST_BYTES: Final = 1_048_576
"""Of a page."""
_MOST_SEARCHED: Final = 100_000
"""Events of a page of `FilterLogEvents`, which may be empty though more follow."""
_MOST_DESCRIBED: Final = 50
_SAMPLED: Final = 10_000
"""Events by which the fields of a group are known."""
_MOST_STREAM_NAMES: Final = 100
_UNKNOWN_PAGE: Final = "The specified nextToken is invalid."

Operation = Callable[[Request], ServiceAnswer]
Fan = Callable[[str, str, list[dict[str, Any]]], None]
Record = Mapping[str, Any]


class Operations:
    """Answers by the operation's name.

    Args:
        module: ministack's own, which knows the groups.
        store: Where the streams are.
        show_live: Shows new events to those who tail the log.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, module: Any, store: LogStore, show_live: Fan) -> None:
        self._module, self._store, self._show_live = module, store, show_live
        self.by_name: Mapping[str, Operation] = {
            "PutLogEvents": self.put,
            "GetLogEvents": self._get,
            "FilterLogEvents": self._filter,
            "GetLogRecord": self._record,
            "DescribeLogStreams": self._describe_streams,
            "StartQuery": partial(start_query, module, store),
        }

    def put(self, request: Request) -> ServiceAnswer:
        """`PutLogEvents`."""
        group, known = self._group(request)
        name = required(request, "logStreamName")
        lines, rejected = accepted(lines_of(required(request, "logEvents")), kept_since(known))
        now = now_milliseconds()
        try:
            self._store.append(group, name, lines, now)
        except NoStream as error:
            raise Refused("ResourceNotFoundException", "The specified log stream does not exist.") from error
        if lines and (known["subscriptionFilters"] or self._module._live_tail_sessions):
            stored = [{**line._asdict(), "ingestionTime": now} for line in lines]
            self._module._fanout_to_subscription_filters(group.name, name, stored)
            self._show_live(group.name, name, stored)
        return answer({"nextSequenceToken": "1", **({"rejectedLogEventsInfo": rejected} if rejected else {})})

    def sample(self, groups: list[str], start_seconds: int, end_seconds: int) -> list[Record]:
        """Some of what was written to groups between two times, for `GetLogGroupFields`."""
        found = records_of(self._module, self._store, groups, start_seconds, end_seconds)
        return list(islice(found, _SAMPLED))

    def _get(self, request: Request) -> ServiceAnswer:
        """`GetLogEvents`."""
        group, known = self._group(request)
        name, limit = required(request, "logStreamName"), limit_of(request, MOST_EVENTS)
        self._require_stream(group, name)
        begin = Position(max(request.get("startTime", 0), kept_since(known)))
        end = Position(request["endTime"]) if "endTime" in request else END
        token = request.get("nextToken")
        forward = request.get("startFromHead", False)
        at = begin if forward else end
        if token is not None:
            forward, at = _read_token(token)
        if forward:
            page = _page(events(self._store, Selection(group, [name], begin=max(begin, at), end=end)), limit)
        else:
            before = Selection(group, [name], begin=begin, end=min(end, at))
            page = _page(events_backward(self._store, before), limit)[::-1]
        if page:
            first, last = page[0].position, page[-1].following
        else:  # what comes later is behind this place, or there is none before it
            first = last = begin if token is None else at
        return answer(
            {
                "events": [
                    {"timestamp": each.timestamp, "message": each.message, "ingestionTime": each.ingested}
                    for each in page
                ],
                "nextForwardToken": f"f/{last}/s",
                "nextBackwardToken": f"b/{first}/s",
            }
        )

    def _filter(self, request: Request) -> ServiceAnswer:
        """`FilterLogEvents`."""
        group, known = self._group(request)
        limit = limit_of(request, MOST_EVENTS)
        names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix", "")
        if names is not None:
            if prefix:
                raise wrong("logStreamNamePrefix and logStreamNames are mutually exclusive.")
            if not 1 <= len(names) <= _MOST_STREAM_NAMES:
                bound = "greater than or equal to 1" if not names else f"less than or equal to {_MOST_STREAM_NAMES}"
                raise unmet(f"[{', '.join(names)}]", "logStreamNames", f"have length {bound}")
        begin = Position(max(request.get("startTime", 0), kept_since(known)))
        if "nextToken" in request:
            begin = max(begin, _read_position(request["nextToken"]))
        end = Position(request["endTime"] + 1) if "endTime" in request else END
        matches = self._module._compile_filter_pattern(request.get("filterPattern", ""))
        found: list[dict[str, Any]] = []
        size = 0
        selection = Selection(group, names, prefix, begin, end)
        for searched, event in enumerate(events(self._store, selection)):
            if not matches(event.message):
                if searched >= _MOST_SEARCHED:
                    return answer({"events": found, "searchedLogStreams": [], "nextToken": str(event.following)})
                continue
            size += len(event.message.encode(errors="surrogatepass"))
            if found and (len(found) == limit or size > _MOST_BYTES):
                return answer({"events": found, "searchedLogStreams": [], "nextToken": str(event.position)})
            found.append(
                {
                    "logStreamName": event.stream,
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                    "eventId": str(event.position),
                }
            )
        return answer({"events": found, "searchedLogStreams": []})

    def _record(self, request: Request) -> ServiceAnswer:
        """`GetLogRecord`."""
        try:
            position = Position.read(required(request, "logRecordPointer"))
        except ValueError as error:
            raise wrong("Invalid logRecordPointer provided") from error
        found = event_at(self._store, self._module.get_account_id(), self._module.get_region(), position)
        if found is None:
            raise wrong("Invalid logRecordPointer provided")
        group, event = found
        return answer({"logRecord": self._module._public_log_record(record(self._module, group, event))})

    def _describe_streams(self, request: Request) -> ServiceAnswer:
        """`DescribeLogStreams`."""
        group, _ = self._group(request)
        prefix, limit = request.get("logStreamNamePrefix", ""), limit_of(request, _MOST_DESCRIBED)
        order = request.get("orderBy", "LogStreamName")
        if order not in ("LogStreamName", "LastEventTime"):
            raise unmet(order, "orderBy", "satisfy enum value set: [LogStreamName, LastEventTime]")
        by_time = order == "LastEventTime"
        if by_time and prefix:
            raise wrong("Cannot order by LastEventTime with a logStreamNamePrefix.")
        offset = self._module._decode_token(request.get("nextToken"))
        descending = request.get("descending", False)
        found = self._store.streams(
            group, prefix, by_time=by_time, descending=descending, limit=limit + 1, offset=offset
        )
        described = [_described(self._module._make_group_arn_no_star(group.name), each) for each in found[:limit]]
        more = {"nextToken": self._module._encode_token(offset + limit)} if len(found) > limit else {}
        return answer({"logStreams": described, **more})

    def _group(self, request: Request) -> tuple[Group, Record]:
        if request.get("logGroupName") and request.get("logGroupIdentifier"):
            told = "LogGroup name and LogGroup ARN are mutually exclusive parameters."
            raise Refused("ValidationException", told)
        name = self._module._resolve_log_group_name(request)
        record = self._module._log_groups.get(name)
        if record is None:
            raise Refused("ResourceNotFoundException", "The specified log group does not exist.")
        return Group(self._module.get_account_id(), self._module.get_region(), name), record

    def _require_stream(self, group: Group, name: str) -> None:
        if not self._store.has_stream(group, name):
            raise Refused("ResourceNotFoundException", "The specified log stream does not exist.")


def _page(found: Iterator[Event], limit: int) -> list[Event]:
    """As many events as an answer has place for."""
    page: list[Event] = []
    size = 0
    for event in islice(found, limit):
        size += len(event.message.encode(errors="surrogatepass"))
        if page and size > _MOST_BYTES:
            break
        page.append(event)
    return page


def _read_token(token: str) -> tuple[bool, Position]:
    direction, _, rest = token.partition("/")
    if direction not in ("f", "b") or not rest.endswith("/s"):
        raise wrong(_UNKNOWN_PAGE)
    return direction == "f", _read_position(rest.removesuffix("/s"))


def _read_position(token: str) -> Position:
    try:
        return Position.read(token)
    except ValueError as error:
        raise wrong(_UNKNOWN_PAGE) from error


def _described(group_arn: str, stream: Stream) -> dict[str, Any]:
    """A stream's size is reported as zero since 2019, says AWS of `LogStream`."""
    times = {
        "firstEventTimestamp": stream.first,
        "lastEventTimestamp": stream.last,
        "lastIngestionTime": stream.ingested,
    }
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "storedBytes": 0,
        "arn": f"{group_arn}:log-stream:{stream.name}",
        **{name: value for name, value in times.items() if value is not None},
    }
