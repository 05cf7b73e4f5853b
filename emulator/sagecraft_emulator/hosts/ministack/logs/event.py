"""A log event, its place among all others, and the chunks in which events are written."""

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self

OVERHEAD_BYTES: Final = 26
"""What CloudWatch Logs counts for an event besides its message."""
EVENTS_OF_A_CHUNK: Final = 1_000
_DIGITS_OF_TIME, _DIGITS_OF_PLACE = 14, 21
_DIGITS: Final = _DIGITS_OF_TIME + 2 * _DIGITS_OF_PLACE
_LEVEL: Final = 1


class Position(NamedTuple):
    """A point between events: before the one that it names, and behind all that come earlier.

    Events are in the order of time; those of one time in that of their arrival.

    Attributes:
        timestamp: In milliseconds since the epoch.
        chunk: The number of the chunk; chunks are numbered as they arrive.
        place: In the chunk.
    """

    timestamp: int
    chunk: int = 0
    place: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Reads what `str` wrote.

        Raises:
            ValueError: It was not written so.
        """
        if len(text) != _DIGITS or not (text.isascii() and text.isdecimal()):
            raise ValueError(f"'{text}' is not a position")
        time, rest = text[:_DIGITS_OF_TIME], text[_DIGITS_OF_TIME:]
        return cls(int(time), int(rest[:_DIGITS_OF_PLACE]), int(rest[_DIGITS_OF_PLACE:]))

    def __str__(self) -> str:
        """56 digits, as AWS's."""
        return f"{self.timestamp:014}{self.chunk:021}{self.place:021}"


END: Final = Position(10**_DIGITS_OF_TIME - 1)
"""Behind all events."""


class Event(NamedTuple):
    """An event as it is kept.

    Attributes:
        timestamp: In milliseconds since the epoch.
        chunk: Where it is kept.
        place: Its place there.
        message: The text.
        ingested: When it came, in milliseconds since the epoch.
        stream: The name of its stream.
    """

    timestamp: int
    chunk: int
    place: int
    message: str
    ingested: int
    stream: str

    @property
    def position(self) -> Position:
        """The point before it. Written out, it is the event's id."""
        return Position(self.timestamp, self.chunk, self.place)

    @property
    def following(self) -> Position:
        """The point behind it."""
        return Position(self.timestamp, self.chunk, self.place + 1)


class Line(NamedTuple):
    """What is put: a time in milliseconds since the epoch, and a text."""

    timestamp: int
    message: str


def size_of(lines: Sequence[Line]) -> int:
    """As CloudWatch Logs counts lines, in bytes."""
    return len("".join([line.message for line in lines]).encode(errors="surrogatepass")) + OVERHEAD_BYTES * len(lines)


class Packed(NamedTuple):
    """Lines as they are written together.

    Attributes:
        first: The time of the earliest.
        last: The time of the latest.
        size: Of all, as CloudWatch Logs counts it.
        data: The lines.
    """

    first: int
    last: int
    size: int
    data: bytes


def pack(lines: Sequence[Line]) -> Iterator[Packed]:
    """Lines in the order of time, as they are written."""
    for begin in range(0, len(lines), EVENTS_OF_A_CHUNK):
        some = lines[begin : begin + EVENTS_OF_A_CHUNK]
        first, last = some[0].timestamp, some[-1].timestamp
        times = [line.timestamp for line in some] if first != last else None  # mostly all come at the same time
        data = json.dumps([times, [line.message for line in some]], separators=(",", ":"))
        yield Packed(first, last, size_of(some), zlib.compress(data.encode(), _LEVEL))


def unpack(data: bytes, first: int) -> tuple[Sequence[int], Sequence[str]]:
    """The times and the messages of what `pack` made of lines; `first` is the time of the earliest."""
    times, messages = json.loads(zlib.decompress(data))
    return [first] * len(messages) if times is None else times, messages
