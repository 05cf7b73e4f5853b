"""What `PutLogEvents` takes, and what it leaves.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from .answers import DAY_MILLISECONDS, now_milliseconds, required, unmet, wrong
from .event import Line

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
    lines, size, before = [], 0, 0
    for number, event in enumerate(events, 1):
        path = f"logEvents.{number}.member."
        line = Line(required(event, "timestamp", path), required(event, "message", path))
        if not line.message:
            raise unmet("", f"{path}message", "have length greater than or equal to 1")
        if line.timestamp < 0:
            raise unmet(line.timestamp, f"{path}timestamp", "have value greater than or equal to 0")
        if line.timestamp < before:
            raise wrong("Log events in a single PutLogEvents request must be in chronological order.")
        if line.size > MOST_BYTES:
            raise wrong(f"Log event too large: {line.size} bytes exceeds limit of {MOST_BYTES}")
        before = line.timestamp
        size += line.size
        lines.append(line)
    if size > MOST_BYTES:
        raise wrong(f"Upload too large: {size} bytes exceeds limit of {MOST_BYTES}")
    return lines


def accepted(lines: Sequence[Line], kept_since: int) -> tuple[Sequence[Line], dict[str, int]]:
    """The lines that are kept, and which of the others are too old or too new.

    Args:
        lines: In the order of time.
        kept_since: The time of the earliest event that the group keeps.

    Raises:
        Refused: What is left spans more than a day.
    """
    now = now_milliseconds()
    too_old = sum(line.timestamp < now - _OLDEST_MILLISECONDS for line in lines)
    expired = sum(line.timestamp < kept_since for line in lines)
    too_new = sum(line.timestamp <= now + _NEWEST_MILLISECONDS for line in lines)
    rejected = {
        "tooOldLogEventEndIndex": too_old or None,
        "expiredLogEventEndIndex": expired or None,
        "tooNewLogEventStartIndex": too_new if too_new < len(lines) else None,
    }
    left = lines[max(too_old, expired) : too_new]
    if left and left[-1].timestamp - left[0].timestamp > DAY_MILLISECONDS:
        raise wrong("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    return left, {name: index for name, index in rejected.items() if index is not None}
