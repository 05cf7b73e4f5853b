"""What a message says of names: what is there and most like one that is not, and several in a row."""

from collections.abc import Iterable, Sequence
from typing import Final

from sagecraft_catalog.near_match import enumerate_names, near_matches

_LISTED: Final = 5


def near(name: str, names: Iterable[str], nothing: str = "Nothing runs yet; deploy with: sagecraft up") -> str:
    """A sentence that names what is most like this name; where nothing is, what there is."""
    present = list(dict.fromkeys(names))
    alike = near_matches(name, present) or [each for each in present if name in each][:_LISTED]
    if alike:
        return f"Did you mean {enumerate_names(alike)}?"
    if len(present) > _LISTED:
        return f"Among others there are: {', '.join(present[:_LISTED])}."
    return f"There are: {', '.join(present)}." if present else nothing


def any_of(words: Sequence[str]) -> str:
    """Words in a row, such as `job, endpoint or notebook instance`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
