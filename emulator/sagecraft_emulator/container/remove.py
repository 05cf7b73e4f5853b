"""The process that removes directories: see `removal.py`. It reads their paths, each ended by a zero byte."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

_READ_BYTES: Final = 65_536


def remove_tree(path: str) -> None:
    """Removes a directory with all that can be of what is in it."""
    shutil.rmtree(path, onerror=_remove_unread)


def _remove_unread(function: Callable[..., Any], path: str, error: object) -> None:
    """Removes a directory that may not be read, which an overlay leaves, as it is empty."""
    del function, error
    with suppress(OSError):
        os.rmdir(path)  # noqa: PTH106 - a path of shutil's


def main() -> None:
    """Removes whatever is named, until nobody is left to name anything."""
    rest = b""
    while read := os.read(0, _READ_BYTES):
        *paths, rest = (rest + read).split(b"\0")
        for path in paths:
            remove_tree(os.fsdecode(path))


if __name__ == "__main__":
    main()
