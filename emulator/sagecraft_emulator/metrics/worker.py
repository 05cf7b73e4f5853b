"""The program of the process that reads metrics: `python -m sagecraft_emulator.metrics.worker SOCKET`.

By the socket come others, one for each log. On one of these come the expressions, as a line of JSON; then texts, each
after a line with its length. To each text the values in it are answered: a line with their number, then the definitions
and the values of all as arrays.
"""

import json
import socket
import sys
import threading
from array import array
from contextlib import suppress
from functools import lru_cache
from typing import Final

from .process import DEFINITIONS, VALUES
from .scanner import LogScanner

_SCANNERS: Final = 8
"""So many are kept for the next log with the same definitions."""


@lru_cache(_SCANNERS)
def _scanner(regexes: str) -> LogScanner:
    return LogScanner(json.loads(regexes))


def _serve(log: socket.socket) -> None:
    with suppress(OSError), log, log.makefile("rwb") as file:  # whoever asked may have gone
        scanner = _scanner(file.readline().decode())
        while length := file.readline():
            found = scanner.scan(file.read(int(length)))
            file.write(b"%d\n" % len(found))
            file.write(array(DEFINITIONS, [definition for _, definition, _ in found]).tobytes())
            file.write(array(VALUES, [value for _, _, value in found]).tobytes())
            file.flush()


def main() -> None:
    """Serves until the emulator has ended."""
    control = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            return
        # RE2 leaves the interpreter alone while it searches, so that no log waits for another.
        log = socket.socket(fileno=descriptors[0])
        threading.Thread(target=_serve, args=(log,), daemon=True).start()


if __name__ == "__main__":
    main()
