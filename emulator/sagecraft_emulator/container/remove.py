"""The process that removes directories: see `removal.py`. It reads their paths, each ended by a zero byte."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

_READ_BYTES: Final = 65_536


def remove_tree(directory: Path) -> None:
    """Removes a directory, also where its user has closed some of it to itself, as the kernel does with overlays."""
    shutil.rmtree(directory, ignore_errors=True)
    for parent, names, _ in os.walk(directory):
        for each in (Path(parent, name) for name in names):
            if not each.is_symlink():
                with suppress(OSError):
                    each.chmod(stat.S_IRWXU)
    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Removes whatever is named, until nobody is left to name anything."""
    rest = b""
    while read := os.read(0, _READ_BYTES):
        *paths, rest = (rest + read).split(b"\0")
        for path in paths:
            remove_tree(Path(os.fsdecode(path)))


if __name__ == "__main__":
    main()
