"""The volumes of spaces."""

from typing import Final

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.tokens import is_token

SMALLEST_VOLUME_GIB: Final = 5
_LARGEST_VOLUME_GIB: Final = 16_384


def check_volume(problems: Problems, prop: str, volume_gib: int | None) -> None:
    """Notes a size that no volume of a space has."""
    if volume_gib is None or is_token(volume_gib):
        return
    if not SMALLEST_VOLUME_GIB <= volume_gib <= _LARGEST_VOLUME_GIB:
        problems.add(prop, f"should be from {SMALLEST_VOLUME_GIB} to {_LARGEST_VOLUME_GIB:,}, got {volume_gib}.")
