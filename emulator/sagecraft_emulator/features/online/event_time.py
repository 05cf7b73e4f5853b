"""Event times, as records give them."""

import math
import re
from datetime import UTC, datetime
from typing import Final

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z")
LAST_SECONDS: Final = 253_402_300_799
"""The end of the year 9999, behind which no time is told."""


def seconds_of(text: str, feature_type: str) -> float | None:
    """The seconds since 1970 of an event time; None for what is none.

    Source: `EventTimeFeatureName` in
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateFeatureGroup.html

    Args:
        text: Its value.
        feature_type: `String` for ISO 8601 with a `Z`, `Fractional` for seconds.
    """
    try:
        if feature_type == "String":
            seconds = datetime.fromisoformat(text).timestamp() if _ISO.fullmatch(text) else None
        else:
            seconds = float(text)
    except ValueError:
        return None
    return seconds if seconds is not None and math.isfinite(seconds) and 0 <= seconds <= LAST_SECONDS else None


def iso(seconds: float) -> str:
    """A moment as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
