"""Removes the directories of what has ended, in a process of its own.

One of a sandbox has dozens of entries, and each takes a call, after which a thread would wait for the interpreter. The
process removes what it was told to also when the emulator is killed meanwhile.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final
from uuid import uuid4

from .remove import remove_tree

_PROGRAM: Final = Path(__file__).with_name("remove.py")
_PREFIX: Final = ".removed-"


class Removal:
    """Removes directories. Its process begins when it is first needed. Safe for use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def remove(self, directory: Path) -> None:
        """Has a directory gone when it returns, where there was one; what is in it takes its space a little longer."""
        doomed = directory.with_name(f"{_PREFIX}{uuid4().hex}")
        try:
            directory.rename(doomed)
        except FileNotFoundError:
            return
        try:
            self._hand_over(doomed)
        except OSError:  # it was killed, or cannot be started
            remove_tree(doomed)

    def settle(self) -> None:
        """Returns once all that was to be removed is."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.communicate()

    def _hand_over(self, doomed: Path) -> None:
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._process.communicate()
                self._process = None
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_PROGRAM)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    bufsize=0,
                    start_new_session=True,
                )
            assert self._process.stdin is not None  # noqa: S101 - it is a pipe
            self._process.stdin.write(os.fsencode(doomed) + b"\0")


def remove_leftovers(parent: Path) -> None:
    """Removes what an earlier process of this kind could not, of the directories that lay in one."""
    for each in parent.glob(f"{_PREFIX}*"):
        remove_tree(each)


removal: Final = Removal()
"""All emulators of this process share it."""
