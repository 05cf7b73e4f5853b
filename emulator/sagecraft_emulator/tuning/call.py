"""What a tuning job does operations of the service with."""

from collections.abc import Callable, Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller

Call = Callable[[str, Mapping[str, Any], Caller, Mapping[str, Any]], Mapping[str, Any]]
"""Does one operation: its name, the request, who calls, and members of the record that no client may give."""
