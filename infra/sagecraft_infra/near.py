"""What is there and most like a name that is not."""

import difflib
from collections.abc import Iterable


def near(name: str, names: Iterable[str], nothing: str = "Nothing runs yet; deploy with: sagecraft up") -> str:
    """A sentence that names what is there and most like this name."""
    present = list(names)
    alike = difflib.get_close_matches(name, present) or [each for each in present if name in each][:5] or present[:5]
    return f"There are: {', '.join(alike)}." if alike else nothing
