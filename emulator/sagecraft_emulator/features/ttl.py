"""How long records live."""

from collections.abc import Mapping
from typing import Any, Final

_SECONDS: Final = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86_400, "Weeks": 604_800}


def seconds_of(duration: Mapping[str, Any] | None) -> int | None:
    """The seconds of a `TtlDuration`; None without one."""
    return None if not duration else int(duration["Value"]) * _SECONDS[duration["Unit"]]
