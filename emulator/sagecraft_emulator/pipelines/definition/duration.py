"""Durations of ISO 8601, as `CacheConfig` has them."""

import re
from typing import Final

_DURATION: Final = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T?(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_SECONDS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}


def seconds_of(duration: str) -> int | None:
    """The seconds of a duration of ISO 8601; None for what is none. Units may be small letters, as AWS has them."""
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()):
        return None
    return sum(int(count) * _SECONDS[unit] for unit, count in match.groupdict().items() if count is not None)
