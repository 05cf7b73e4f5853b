"""What a message says of names: what is there and most like one that is not, and several in a row."""

import difflib
from collections.abc import Iterable, Sequence


def near(name: str, names: Iterable[str], nothing: str = "Nothing runs yet; deploy with: sagecraft up") -> str:
    """A sentence that names what is there and most like this name."""
    present = list(names)
    alike = difflib.get_close_matches(name, present) or [each for each in present if name in each][:5] or present[:5]
    return f"There are: {', '.join(alike)}." if alike else nothing


def any_of(words: Sequence[str]) -> str:
    """Words in a row, such as `job, endpoint or notebook instance`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
