"""Events in the order of time, out of the chunks in which they lie, a chunk in memory at a time."""

import heapq
import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from .event import END, Event, Position, unpack
from .store import MOST, Group, LogStore

# ruff: noqa: S608 - statements are of words that stand here, and values come beside them

_CHUNKS_AT_A_TIME: Final = 500
_BEGIN: Final = Position(0)


@dataclass(frozen=True)
class Selection:
    """Which events of a group are meant.

    Attributes:
        group: The group.
        names: Those of the streams; None: of all that the prefix names.
        prefix: What the streams' names begin with.
        begin: The events behind this point.
        end: Those before this one.
    """

    group: Group
    names: Sequence[str] | None = None
    prefix: str = ""
    begin: Position = _BEGIN
    end: Position = END


class _Chunk(NamedTuple):
    """Where events lie."""

    number: int
    first: int
    last: int
    stream: str


def events(store: LogStore, selection: Selection) -> Iterator[Event]:
    """The events, the earliest first."""
    return _Reader(store.reader, selection, backward=False).events()


def events_backward(store: LogStore, selection: Selection) -> Iterator[Event]:
    """The events, the latest first."""
    return _Reader(store.reader, selection, backward=True).events()


def event_at(store: LogStore, account: str, region: str, position: Position) -> tuple[str, Event] | None:
    """The event behind a point, with the name of its group; None if it is not there any more."""
    row = store.reader.execute(
        "SELECT log_group, name, chunk.first, chunk.ingested, data FROM chunk JOIN stream ON stream.id = chunk.stream "
        "WHERE chunk.id = ? AND (account, region) = (?, ?)",
        (position.chunk, account, region),
    ).fetchone()
    if row is None:
        return None
    group, stream, first, ingested, data = row
    times, messages = unpack(data, first)
    place = position.place
    if place >= len(messages):
        return None
    return group, Event(times[place], position.chunk, place, messages[place], ingested, stream)


class _Opened(NamedTuple):
    """A chunk that is being read; the lowest key is the next event's."""

    key: tuple[int, ...]
    event: Event
    chunk: _Chunk
    rest: Iterator[Event]


class _Reader:
    """Reads in one of both directions. In each, a chunk begins at its edge: its first event, or its last."""

    def __init__(self, database: sqlite3.Connection, selection: Selection, *, backward: bool) -> None:
        self._database, self._selection, self._backward = database, selection, backward

    def events(self) -> Iterator[Event]:
        """Merges the chunks whose times overlap, which few do."""
        chunks = self._chunks()
        following = next(chunks, None)
        opened: list[_Opened] = []
        while opened or following is not None:
            while following is not None and (not opened or self._edge(following) <= opened[0].key):
                self._open(opened, following, self._read(following))
                following = next(chunks, None)
            if not opened:
                continue
            _, event, chunk, rest = heapq.heappop(opened)
            yield event
            if not opened and (following is None or self._is_apart(chunk, following)):
                yield from rest
            else:
                self._open(opened, chunk, rest)

    def _open(self, opened: list[_Opened], chunk: _Chunk, rest: Iterator[Event]) -> None:
        event = next(rest, None)
        if event is not None:
            sign = -1 if self._backward else 1
            key = (sign * event.timestamp, sign * event.chunk, sign * event.place)
            heapq.heappush(opened, _Opened(key, event, chunk, rest))

    def _edge(self, chunk: _Chunk) -> tuple[int, int]:
        return (-chunk.last, -chunk.number) if self._backward else (chunk.first, chunk.number)

    def _is_apart(self, chunk: _Chunk, following: _Chunk) -> bool:
        early, late = (following, chunk) if self._backward else (chunk, following)
        return (early.last, early.number) < (late.first, late.number)

    def _read(self, chunk: _Chunk) -> Iterator[Event]:
        row = self._database.execute("SELECT ingested, data FROM chunk WHERE id = ?", (chunk.number,)).fetchone()
        if row is None:  # deleted meanwhile
            return
        ingested, data = row
        times, messages = unpack(data, chunk.first)
        every = range(len(messages))
        begin, end = (
            bisect_left(every, edge, key=lambda place: Position(times[place], chunk.number, place))
            for edge in (self._selection.begin, self._selection.end)
        )
        places = every[begin:end]
        for place in reversed(places) if self._backward else places:
            yield Event(times[place], chunk.number, place, messages[place], ingested, chunk.stream)

    def _chunks(self) -> Iterator[_Chunk]:
        """Those in which the events may lie, by their edge, some at a time."""
        which, values = self._which()
        if self._backward:
            edge, way, after, lowest, highest = "last", "DESC", "<", ":begin - span", "min(:end, :edge)"
        else:
            edge, way, after, lowest, highest = "first", "ASC", ">", "max(:begin - span, :edge)", ":end"
        statement = (
            "SELECT chunk.id, chunk.first, chunk.last, name FROM stream JOIN chunk ON chunk.stream = stream.id "
            f"WHERE (account, region, log_group) = (:account, :region, :log_group) AND {which} "
            f"AND chunk.first BETWEEN {lowest} AND {highest} AND chunk.last >= :begin "
            f"AND (chunk.{edge}, chunk.id) {after} (:edge, :number) "
            f"ORDER BY chunk.{edge} {way}, chunk.id {way} LIMIT {_CHUNKS_AT_A_TIME}"
        )
        place = (END.timestamp, 0) if self._backward else (-1, 0)
        while True:
            asked = {**values, "edge": place[0], "number": place[1]}
            found = [_Chunk(*row) for row in self._database.execute(statement, asked).fetchall()]
            for chunk in found:
                if (chunk.last, chunk.number + 1) > self._selection.begin:
                    yield chunk
            if len(found) < _CHUNKS_AT_A_TIME:
                return
            last = found[-1]
            place = (last.last if self._backward else last.first, last.number)

    def _which(self) -> tuple[str, Mapping[str, Any]]:
        selection = self._selection
        values = {
            "account": selection.group.account,
            "region": selection.group.region,
            "log_group": selection.group.name,
            "begin": selection.begin.timestamp,
            "end": selection.end.timestamp,
        }
        if selection.names is not None:
            names = {f"name{number}": name for number, name in enumerate(selection.names)}
            return f"name IN ({', '.join(f':{each}' for each in names)})", {**values, **names}
        return "name BETWEEN :prefix AND :prefix || :most", {**values, "prefix": selection.prefix, "most": MOST}
