"""How long records live."""

from collections.abc import Mapping
from typing import Any

from sagecraft_catalog.feature_group import TTL_SECONDS


def seconds_of(duration: Mapping[str, Any] | None) -> int | None:
    """The seconds of a `TtlDuration`; None without one."""
    return None if not duration else int(duration["Value"]) * TTL_SECONDS[duration["Unit"]]
