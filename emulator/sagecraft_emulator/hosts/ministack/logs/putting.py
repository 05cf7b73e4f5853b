"""What `PutLogEvents` takes, and what it leaves.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .answers import DAY_MILLISECONDS, Refused, missing, now_milliseconds, unmet, wrong
from .event import Line, size_of

MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 1_048_576
_OLDEST_MILLISECONDS: Final = 14 * DAY_MILLISECONDS
_NEWEST_MILLISECONDS: Final = 2 * 3_600_000


def lines_of(events: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The events of a request.

    Raises:
        Refused: AWS takes none of them.
    """
    if not 1 <= len(events) <= MOST_EVENTS:
        bound = "greater than or equal to 1" if not events else f"less than or equal to {MOST_EVENTS}"
        raise unmet("[...]" if events else "[]", "logEvents", f"have length {bound}")
    if not all(each.get("message") and each.get("timestamp") is not None for each in events):
        raise _fault(events)
    lines = [Line(each["timestamp"], each["message"]) for each in events]
    times = [line.timestamp for line in lines]
    if times != sorted(times):
        raise wrong("Log events in a single PutLogEvents request must be in chronological order.")
    if times[0] < 0:
        raise unmet(times[0], "logEvents.1.member.timestamp", "have value greater than or equal to 0")
    size = size_of(lines)
    if size > MOST_BYTES:
        largest = max(size_of([line]) for line in lines)
        what, told = ("Log event", largest) if largest > MOST_BYTES else ("Upload", size)
        raise wrong(f"{what} too large: {told} bytes exceeds limit of {MOST_BYTES}")
    return lines


def accepted(lines: Sequence[Line], kept_since: int) -> tuple[Sequence[Line], dict[str, int]]:
    """The lines that are kept, and which of the others are too old or too new.

    Args:
        lines: In the order of time.
        kept_since: The time of the earliest event that the group keeps.

    Raises:
        Refused: What is left spans more than a day.
    """
    now, times = now_milliseconds(), [line.timestamp for line in lines]
    too_old = bisect_left(times, now - _OLDEST_MILLISECONDS)
    expired = bisect_left(times, kept_since)
    too_new = bisect_right(times, now + _NEWEST_MILLISECONDS)
    rejected = {
        "tooOldLogEventEndIndex": too_old or None,
        "expiredLogEventEndIndex": expired or None,
        "tooNewLogEventStartIndex": too_new if too_new < len(lines) else None,
    }
    left = lines[max(too_old, expired) : too_new]
    if left and left[-1].timestamp - left[0].timestamp > DAY_MILLISECONDS:
        raise wrong("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    return left, {name: index for name, index in rejected.items() if index is not None}


def _fault(events: Sequence[Mapping[str, Any]]) -> Refused:
    """What is wrong with the first event with which something is."""
    for number, event in enumerate(events, 1):
        path = f"logEvents.{number}.member."
        for name in ("timestamp", "message"):
            if event.get(name) is None:
                return missing(path + name)
        if not event["message"]:
            return unmet("", f"{path}message", "have length greater than or equal to 1")
    raise AssertionError
