"""Starts programs by way of a process that forks them: `launch.py` is that of sandboxes."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import MappingProxyType
from typing import Any, Final

from sagecraft_emulator.container.processors import WAIT_VARIABLE

_PROGRAM: Final = Path(__file__).with_name("launch.py")
_ANSWER_BYTES: Final = 4096
_KILLED: Final = 128 + signal.SIGKILL
_TRIES: Final = 2
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", WAIT_VARIABLE)
_OWN_VARIABLES: Final = {
    "PYTHONUNBUFFERED": "1",
    # A thread that a library starts when it is imported would be missing in a fork.
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


class LaunchError(OSError):
    """A program that cannot be started."""


class LaunchedProcess:
    """A program in its sandbox, which a launcher has forked.

    Args:
        pid: The outermost process of the sandbox, on this machine.
        first: A handle of the first process inside, with which all others there end. It is closed in the end.
    """

    def __init__(self, pid: int, first: int) -> None:
        self.pid = pid
        self._first: int | None = first
        self._lock = threading.Lock()
        self._exit: Future[int] = Future()

    def wait(self, timeout_seconds: float | None) -> int | None:
        """The exit code, 128 + n when ended by signal n; None when it still runs after that time, if there is one."""
        with suppress(TimeoutError):
            return self._exit.result(timeout_seconds)
        return None

    def terminate(self) -> None:
        """Asks the program to end, by SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends all that is in the sandbox, by SIGKILL, and waits until it is gone."""
        self._signal(signal.SIGKILL)
        self._exit.result()

    def end(self, code: int) -> None:
        """Takes note of the end."""
        with self._lock:
            if self._first is not None:
                os.close(self._first)
            self._first = None
        self._exit.set_result(code)

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            if self._first is not None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._first, number)


class Launcher:
    """Starts programs. Its process begins when it is first needed, or needed again, and ends with this one.

    Args:
        imports: What it imports before it forks, to run `python -m` without starting an interpreter. Left out, it runs
            commands.
        program: The process, where it is another than that of sandboxes, which decides what it imports.
        variables: The environment of the process, beside what it always has.
    """

    def __init__(
        self,
        imports: Sequence[str] = (),
        *,
        program: Path = _PROGRAM,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._program = program
        self._arguments = list(imports)
        self._options = ["-P"] if imports else ["-P", "-S"]  # what commands fork from is small: it has no packages
        self._variables = {**_OWN_VARIABLES, **variables}
        self._tries = _TRIES
        self._has_launched = False
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._close: Callable[[], object] | None = None

    def launch(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> LaunchedProcess | None:
        """Starts a program; None when the launcher's own process does not live, for a reason in the emulator's log.

        Args:
            request: What its process reads.
            descriptors: What it reads before.

        Raises:
            LaunchError: The program cannot be started.
        """
        ended = 0
        for _ in range(self._tries):
            ours, theirs = socket.socketpair()
            with theirs:
                control = self._send(theirs)
            launched = _ask(ours, request, descriptors)
            if launched is not None:
                self._has_launched = True
                return launched
            ended += self._drop(control)
        if self._arguments and ended == _TRIES and not self._has_launched:
            self._tries = 0  # what it imports is not there, or starts a thread
        return None

    def lend(self) -> socket.socket:
        """The control of the process, for one that asks it for programs by itself. Whoever takes it closes it."""
        with self._lock:
            if self._control is None or _has_hung_up(self._control):
                self._give_up()
                self._control = self._start()
            return self._control.dup()

    def _send(self, theirs: socket.socket) -> socket.socket:
        """Hands a socket over to the process, of which the control is returned."""
        with self._lock:
            if self._control is None:
                self._control = self._start()
            with suppress(BrokenPipeError, ConnectionResetError):  # it has ended; the socket will tell
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            return self._control

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, *self._options, str(self._program), str(theirs.fileno()), *self._arguments],
                pass_fds=[theirs.fileno()],
                env={**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, **self._variables},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._close = weakref.finalize(self, _end, process, ours)
        return ours

    def _drop(self, control: socket.socket) -> bool:
        """Gives a process up that has ended, which one that lives has not: it could not fork, or its fork died.

        Returns:
            Whether it has ended.
        """
        with self._lock:
            if self._control is not control or self._close is None:
                return True  # another thread has given it up
            if not _has_hung_up(control):
                return False
            self._give_up()
            return True

    def _give_up(self) -> None:
        if self._close is not None:
            self._close()
        self._control = self._close = None


def _end(process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
    control.close()
    process.kill()  # it may be importing still
    process.wait()


def _has_hung_up(control: socket.socket) -> bool:
    """Whether nobody has the other end any more, where a launcher only listens."""
    try:
        return not control.recv(1, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _ask(ours: socket.socket, request: Mapping[str, Any], descriptors: Sequence[int]) -> LaunchedProcess | None:
    """What is launched; None when nobody is there to do it."""
    try:
        if descriptors:
            socket.send_fds(ours, [b"\n"], descriptors)
        ours.sendall(json.dumps(request).encode())
        ours.shutdown(socket.SHUT_WR)
        answer, handles, _, _ = socket.recv_fds(ours, _ANSWER_BYTES, 1)
    except OSError:
        answer, handles = b"", []
    if not answer or not handles:
        ours.close()
        if answer:
            raise LaunchError(json.loads(answer)["error"])
        return None
    launched = LaunchedProcess(json.loads(answer)["pid"], handles[0])
    _ends().watch(ours, launched)
    return launched


class _Ends:
    """Takes note of the ends of all that is launched, in one thread."""

    def __init__(self) -> None:
        self._selector = DefaultSelector()
        threading.Thread(target=self._run, name="sandbox-ends", daemon=True).start()

    def watch(self, sandbox: socket.socket, launched: LaunchedProcess) -> None:
        """Reads the end of what is launched from its socket."""
        self._selector.register(sandbox, EVENT_READ, (sandbox, launched))

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                sandbox, launched = key.data
                self._selector.unregister(sandbox)
                with sandbox:
                    told = sandbox.recv(_ANSWER_BYTES)
                launched.end(int(told) if told else _KILLED)


@cache
def _ends() -> _Ends:
    return _Ends()


os.register_at_fork(after_in_child=_ends.cache_clear)  # a fork of this process has no thread of it
