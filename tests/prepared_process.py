"""A program as a process of its own that need not import anything first.

Imports are most of a second of work for a command of ours, or for a container's program, and a suite runs them some
three hundred times. So one process imports what a program needs, and forks for each run: what it forks has its own
folder, environment, signals and standard streams, and ends as the program does. All workers of a suite share it: who
wants it first starts it, and it ends with the last that had it.

A module of the tests says what the program is: its `prepare` is called once, its `main` in each process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

ROOT = Path(__file__).parents[1]


class Fork:
    """A program that runs, to be used as a `subprocess.Popen`.

    Args:
        teller: Who waits for it, and tells its process id and how it ended.
        request: What it runs with.
        stdout: What it writes, if that is read here.
    """

    def __init__(self, teller: socket.socket, request: Mapping[str, Any], stdout: IO[str] | None = None) -> None:
        self._teller = teller
        self._told = teller.makefile("r")
        teller.sendall(json.dumps(request).encode() + b"\n")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None
        self.stdout = stdout

    def communicate(self, timeout: float) -> tuple[str, None]:
        """All that it has written, once it has ended; one that does not end is ended."""
        assert self.stdout is not None
        with self.stdout:
            written = self.stdout.read()
        self.wait_or_kill(timeout)
        return written, None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative where a signal ended it.

        Raises:
            TimeoutError: It still runs after so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._teller], [], [], timeout)[0]:
                raise TimeoutError(f"Process {self.pid} still runs after {timeout} s.")
            with self._teller, self._told:
                self.returncode = int(self._told.readline())
        return self.returncode

    def wait_or_kill(self, timeout: float) -> int:
        """As `wait`; one that does not end is ended."""
        try:
            return self.wait(timeout)
        except TimeoutError:
            self.kill()
            self.wait()
            raise

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        with suppress(TimeoutError):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        """Sends it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


class PreparedProcess:
    """A process that has imported a program, and waits for what to run.

    Args:
        module: What says which program.
        variables: Of its environment, where a library reads them when it is loaded.
    """

    def __init__(self, module: str, **variables: str) -> None:
        # Linux lets one alone bind such a name, and forgets it with the last that has it open; others share nothing.
        suite = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        shared, own = f"\0sagecraft-{suite}-{module}", Path(tempfile.gettempdir(), f"sagecraft-{uuid4()}")
        self._address = shared if sys.platform == "linux" else str(own)
        self._process: subprocess.Popen[bytes] | None = None
        while not self._connect():
            self._start(module, variables)

    def _connect(self) -> bool:
        """Whether it is there, has imported its program, and does not end just now."""
        self._control = socket.socket(socket.AF_UNIX)
        with suppress(ConnectionError):
            self._control.connect(self._address)
            if self._control.recv(1):
                return True
        self._control.close()
        return False

    def _start(self, module: str, variables: Mapping[str, str]) -> None:
        """Starts it, unless another worker does."""
        if self._process is not None and (code := self._process.wait()):
            raise RuntimeError(f"{module} could not be prepared: its process ended with {code}.")
        with socket.socket(socket.AF_UNIX) as listener:
            try:
                listener.bind(self._address)
            except OSError:
                return
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, module, str(listener.fileno())],
                cwd=ROOT,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
            )

    def run(
        self,
        arguments: list[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        timeout: float,
        stdin: str = "",
        merged: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program as `subprocess.run` does, with its output captured; `merged` brings errors into it."""
        with _file() as given, _file() as out, _file() as err:
            given.write(stdin)
            given.seek(0)
            streams = [given, out, out if merged else err]
            code = self._fork(arguments, cwd, env, streams).wait_or_kill(timeout)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read(), err.read())

    def start(
        self, arguments: list[str], *, cwd: Path, env: Mapping[str, str], output: IO[bytes] | None = None
    ) -> Fork:
        """Starts the program as `subprocess.Popen` does, its output and errors in a file, or else in a pipe."""
        with _file() as nothing:
            if output is not None:
                return self._fork(arguments, cwd, env, [nothing, output, output])
            reader, writer = os.pipe()
            with os.fdopen(writer, "wb") as pipe:
                return self._fork(arguments, cwd, env, [nothing, pipe, pipe], os.fdopen(reader))

    def _fork(
        self,
        arguments: list[str],
        cwd: Path,
        env: Mapping[str, str],
        streams: list[IO[Any]],
        stdout: IO[str] | None = None,
    ) -> Fork:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"!"], [theirs.fileno(), *(stream.fileno() for stream in streams)])
        return Fork(ours, {"arguments": arguments, "cwd": str(cwd), "env": dict(env)}, stdout)

    def stand_in(self, cwd: Path) -> int:
        """Runs the program with this process's arguments, environment and streams, and returns how it ended."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program has it, too
        return self._fork(sys.argv[1:], cwd, os.environ, [sys.stdin, sys.stdout, sys.stderr]).wait()

    def close(self) -> None:
        """Ends the process, unless another worker has it; what it forked goes on."""
        self._control.close()


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8")


def _serve(listener: socket.socket) -> None:
    """Forks for each run; returns in the process that is to be one, and exits in every other."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    workers: list[socket.socket] = []
    while True:
        for ready in select.select([listener, *workers], [], [])[0]:
            if ready is listener:
                workers.append(listener.accept()[0])
                workers[-1].sendall(b"!")
                continue
            message, descriptors, *_ = socket.recv_fds(ready, 1, 4)
            if not message:
                workers.remove(ready)
                ready.close()
                if not workers:
                    sys.exit()
            elif os.fork() == 0:
                for connection in (listener, *workers):
                    connection.close()
                return _become(*descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _become(reply: int, *streams: int) -> None:
    """Forks once more: the child goes on as the program, and this process tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=reply) as told, told.makefile("rw") as lines:
        request = json.loads(lines.readline())
        if process_id := os.fork():
            for descriptor in streams:
                os.close(descriptor)
            lines.write(f"{process_id}\n")
            lines.flush()
            _, status = os.waitpid(process_id, 0)
            with suppress(BrokenPipeError):  # who waited for it may have ended
                lines.write(f"{os.waitstatus_to_exitcode(status)}\n")
                lines.flush()
            os._exit(0)
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv[1:] = request["arguments"]


if __name__ == "__main__":
    program = importlib.import_module(sys.argv[1])
    program.prepare()
    sys.stdout.flush()  # or each fork would write it
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[2])) as inherited:
        _serve(inherited)
    program.main()
