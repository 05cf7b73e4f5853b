"""Tags as a request gives them.

Source: "Tag naming limits and requirements" in the guide of AWS's tags: keys that begin with `aws:` are AWS's own, and
a resource has each key once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from sagecraft_emulator.errors import validation_error

RESERVED: Final = "aws:"


def read_tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The values of tags by their keys.

    Raises:
        ApiError: A key is AWS's own, or is given twice.
    """
    times = Counter(tag["Key"] for tag in tags)
    for key, count in times.items():
        if key.lower().startswith(RESERVED):
            raise validation_error(f"Tag keys that begin with '{RESERVED}' are reserved for AWS, got '{key}'.")
        if count > 1:
            raise validation_error(f"Tag keys must be unique, got '{key}' {count} times.")
    return {tag["Key"]: tag["Value"] for tag in tags}
