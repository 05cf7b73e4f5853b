"""The process that forks the programs of sandboxes, so that none of them starts from nothing.

It reads nothing of a job itself. Each request is a socket: a child takes it, reads what to start, makes namespaces, and
starts the program; where this process has imported what a module needs, another child runs that module.

usage: launch.py SOCKET [IMPORT...]
"""

# ruff: noqa: PTH109, PTH116, PTH118, PTH123, PTH208 - it imports little: what it forks has all of it
import ctypes
import errno
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Final, NoReturn

# It is started by its path, and commands without any packages.
sys.path.append(__file__.rpartition("/sagecraft_emulator/")[0])
from sagecraft_emulator.container.launching.mounts import OPT, Request, check, libc, mount_all

del sys.path[-1]

_NEW_NAMESPACES: Final = 0x00020000 | 0x04000000 | 0x20000000
"""CLONE_NEWNS, CLONE_NEWUTS and CLONE_NEWPID of sched.h; the following is CLONE_NEWUSER."""
_NEW_USER: Final = 0x10000000
_SET_DEATH_SIGNAL: Final = 1
_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 127, 126, 128
IGNORED_BY_PYTHON: Final = (signal.SIGPIPE, signal.SIGXFSZ)
_AWAITED: Final = frozenset({signal.SIGTERM, signal.SIGCHLD})

Start = Callable[[Request], int]
Begin = Callable[[socket.socket, int], Request]


def wait_for_requests(control: socket.socket, begin: Begin) -> Request:
    """Forks a child for each request, and ends with the emulator; returns in a process that is to be a program itself.

    Args:
        control: Brings the sockets.
        begin: Reads the request from its socket, in a child of the process of that id; returns in the program alone.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes note of the children's ends
    gc.collect()
    gc.freeze()
    launcher = os.getpid()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            os._exit(0)
        [number] = descriptors
        child = None
        with suppress(OSError):  # too many processes, or no memory: the emulator sees that its socket is closed
            child = os.fork()
        if child == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return begin(socket.socket(fileno=number), launcher)
        os.close(number)


def _make_sandbox(start: Start, emulator: socket.socket, launcher: int) -> Request:
    """Makes the namespaces, and tells the emulator how their first process ends; returns in the program."""
    os.setsid()
    die_with(launcher)
    with emulator.makefile("rb") as file:
        request: Request = json.load(file)
    try:
        _redirect(request["log"])
        os.chdir(request["directory"])
        _make_namespaces(as_user=request["as_user"])
        # The first process waits for these. It would miss one that came before it waits if a handler took it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        first = os.fork()
    except OSError as error:
        emulator.sendall(json.dumps({"error": str(error)}).encode())
        os._exit(1)
    if first:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
        tell_end(emulator, first, os.getpid())
    emulator.close()
    return _run_first(request, start)


def tell_end(emulator: socket.socket, process: int, named: int) -> NoReturn:
    """Hands a child over to who asked for it, and tells how it ended; one that nobody asks for any more is ended.

    Args:
        emulator: Who asked.
        process: The child.
        named: The process by which it is known there.
    """
    handle = os.pidfd_open(process)
    socket.send_fds(emulator, [json.dumps({"pid": named}).encode()], [handle])
    events = select.poll()
    events.register(handle, select.POLLIN)
    events.register(emulator, 0)  # as it always is: until the other end is closed
    if handle not in dict(events.poll()):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with suppress(BrokenPipeError):
        emulator.sendall(b"%d" % _exit_code(status))
    os._exit(0)


def _redirect(log: str) -> None:
    number = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.dup2(number, 1)
    os.dup2(number, 2)
    os.close(number)


def _make_namespaces(*, as_user: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    check(libc.unshare(_NEW_NAMESPACES | (_NEW_USER if as_user else 0)), "unshare")
    if as_user:
        for name, content in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(content)


def _run_first(request: Request, start: Start) -> Request:
    """The first process of the namespaces: when it ends, the kernel ends all others; returns in the program."""
    die_with(0)  # in these namespaces it has none
    begins_in_opt_ml = request["directory"] == request["opt_ml"]
    try:
        mount_all(request)
        socket.sethostname(request["host_name"])
        if begins_in_opt_ml:
            os.chdir(f"{OPT}/ml")
    except OSError as error:
        _leave(f"The sandbox cannot be made: {error}", 1)
    program = start(request)
    if program == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
        return request
    while True:
        if signal.sigwait(_AWAITED) == signal.SIGTERM:
            os.kill(program, signal.SIGTERM)
        ended = None
        while ended != 0:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == program:
                os._exit(_exit_code(status))


def die_with(parent: int) -> None:
    """Has the kernel end this process when its parent ends, which may have happened already."""
    check(libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def _exit_code(status: int) -> int:
    """128 + n for signal n."""
    code = os.waitstatus_to_exitcode(status)
    return _SIGNALLED - code if code < 0 else code


def _leave(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr, flush=True)
    os._exit(code)


def start_command(request: Request) -> int:
    """Starts a command without a copy of this process; returns its process id."""
    command, environment = request["command"], request["environment"]
    failure: OSError = FileNotFoundError()
    for file in _files(command[0], environment):
        try:
            os.stat(file)  # a try to start it costs far more
            return _spawn(file, command, environment)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno == errno.ENOEXEC:  # a script without a first line that says so
                return _spawn("/bin/sh", ["sh", file, *command[1:]], environment)
            failure = error
    if isinstance(failure, FileNotFoundError):
        _leave(f"{command[0]}: not found", _NOT_FOUND)
    _leave(f"{command[0]}: {failure.strerror}", _NOT_EXECUTABLE)


def _files(program: str, environment: dict[str, str]) -> list[str]:
    """Where a program may be."""
    if "/" in program:
        return [program]
    return [os.path.join(each, program) for each in os.get_exec_path(environment)]


def _spawn(file: str, command: list[str], environment: dict[str, str]) -> int:
    return os.posix_spawn(
        file,
        command,
        environment,
        setsigmask=(),
        setsigdef=IGNORED_BY_PYTHON,
    )


def start_fork(request: Request) -> int:
    """Forks this process; returns the process id."""
    del request
    return os.fork()


def run_module(module: str, arguments: list[str], environment: dict[str, str]) -> None:
    """Runs a module as `python -m` does, with what is imported; nothing else of this process is seen by it."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    _forget_what_was_read()
    sys.argv = ["-m", *arguments]
    sys.orig_argv = [sys.executable, "-m", module, *arguments]
    sys.path.insert(0, os.getcwd())
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _forget_what_was_read() -> None:
    """What libraries keep of their environment, or of chance, from when they were imported."""
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    threads = int(os.environ["OMP_NUM_THREADS"])
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        libraries = {line.split(maxsplit=5)[-1].strip() for line in maps if "libgomp" in line}
    for library in libraries:
        ctypes.CDLL(library).omp_set_num_threads(threads)


def heed_what_a_shell_ignored() -> None:
    """What is started in the background, or by `nohup`, ignores signals that a container's program does not."""
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN and number not in IGNORED_BY_PYTHON:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def refuse_threads(imports: str) -> None:
    """Ends this process, which is to be forked, if it has more threads than one."""
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit(f"A thread that was started by {imports} would be missing in what is forked.")


def main(control_number: int, *imports: str) -> None:
    """Imports, and waits for requests."""
    heed_what_a_shell_ignored()
    for each in imports:
        import_module(each)
    refuse_threads(", ".join(imports))
    control = socket.socket(fileno=control_number)
    if not imports:
        wait_for_requests(control, partial(_make_sandbox, start_command))
    else:
        request = wait_for_requests(control, partial(_make_sandbox, start_fork))
        _python, _m, module, *arguments = request["command"]
        run_module(module, arguments, request["environment"])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
