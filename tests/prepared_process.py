"""The `sagecraft` command as a process of its own that need not import anything first.

Its imports are most of a second of work, which a suite does some two hundred times. So one process imports them, and
forks for each command: what it forks has its own folder, environment, signals and standard streams, and ends as the
console script does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]


class PreparedCommand:
    """A process that has imported the command, and waits for what to run."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, arguments: list[str], *, cwd: Path, env: Mapping[str, str], stdin: str, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Runs the command as `subprocess.run` does, with its output captured."""
        with _file() as given, _file() as out, _file() as err:
            given.write(stdin)
            given.seek(0)
            code = self._ended({"arguments": arguments, "cwd": str(cwd), "env": dict(env)}, (given, out, err), timeout)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(["sagecraft", *arguments], code, out.read(), err.read())

    def _ended(self, request: Mapping[str, Any], streams: tuple[IO[str], ...], timeout: float) -> int:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            descriptors = [theirs.fileno(), *(stream.fileno() for stream in streams)]
            socket.send_fds(self._control, [b"!"], descriptors)
            theirs.close()
            ours.settimeout(timeout)
            with ours.makefile("rw") as lines:
                lines.write(json.dumps(request) + "\n")
                lines.flush()
                process_id = int(lines.readline())
                try:
                    return int(lines.readline())
                except TimeoutError:
                    os.kill(process_id, signal.SIGKILL)
                    raise

    def close(self) -> None:
        """Ends the process; what it forked goes on."""
        self._control.close()
        self._process.wait()


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8")


def _serve(control: socket.socket) -> None:
    """Forks for each command; returns in the process that is to be one, and exits in every other."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, *_ = socket.recv_fds(control, 1, 4)
        if not message:
            sys.exit()
        if os.fork() == 0:
            control.close()
            return _become(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _become(reply: int, *streams: int) -> None:
    """Forks once more: the child goes on as the command, and this process tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=reply) as told, told.makefile("rw") as lines:
        request = json.loads(lines.readline())
        if process_id := os.fork():
            for descriptor in streams:
                os.close(descriptor)
            lines.write(f"{process_id}\n")
            lines.flush()
            _, status = os.waitpid(process_id, 0)
            lines.write(f"{os.waitstatus_to_exitcode(status)}\n")
            lines.flush()
            os._exit(0)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["sagecraft", *request["arguments"]]


if __name__ == "__main__":
    from sagecraft_infra.cli import (
        main,
        run,  # noqa: F401 - which `main` imports once it is called
    )

    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        _serve(inherited)
    main()
