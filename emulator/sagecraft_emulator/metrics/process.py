"""The process that reads metrics, begun when it is first needed: a log is no matter of the process that serves all."""

import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Final

DEFINITIONS: Final = "H"
"""How an array of the numbers of definitions is kept in an answer."""
VALUES: Final = "d"
"""The same of values."""


class ScannerProcess:
    """A process of `worker.py`. It begins when it is first needed, or needed again, and ends with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._end: Callable[[], object] | None = None

    def connect(self) -> socket.socket:
        """A connection for one log."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            if self._control is None or not _hand_over(self._control, theirs):
                if self._end is not None:
                    self._end()
                self._control = self._start()
                _hand_over(self._control, theirs)
        return ours

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", f"{__package__}.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._end = weakref.finalize(self, _end, os.getpid(), process, ours)
        return ours


def _hand_over(control: socket.socket, theirs: socket.socket) -> bool:
    """Whether somebody is there to take it."""
    try:
        socket.send_fds(control, [b"+"], [theirs.fileno()])
    except OSError:
        return False
    return True


def _end(owner: int, process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
    if os.getpid() != owner:
        return  # a fork of the process that began it
    control.close()
    process.kill()
    process.wait()


SCANNERS: Final = ScannerProcess()
"""The one of this process."""
