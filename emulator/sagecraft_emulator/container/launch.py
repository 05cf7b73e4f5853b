"""The process that forks the programs of sandboxes, so that none of them starts from nothing.

It reads nothing of a job itself. Each request is a socket: a child takes it, reads what to start, makes namespaces, and
starts the program; where the program is a module that this process has imported already, another child runs that.

usage: launch.py SOCKET [MODULE IMPORT...]
"""

# ruff: noqa: PTH101, PTH102, PTH103, PTH109, PTH110, PTH112, PTH114, PTH115, PTH116, PTH123, PTH208, PTH211 - it imports little: what it forks
# has all of it
import ctypes
import errno
import gc
import json
import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NoReturn

_NEW_NAMESPACES: Final = 0x00020000 | 0x04000000 | 0x20000000
"""CLONE_NEWNS, CLONE_NEWUTS and CLONE_NEWPID of sched.h; the following is CLONE_NEWUSER."""
_NEW_USER: Final = 0x10000000
_NO_SUID, _NO_DEVICES, _NO_PROGRAMS, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
_SET_DEATH_SIGNAL, _DROP_FROM_BOUNDING_SET = 1, 24
_TMP: Final = "/tmp"  # noqa: S108 - the sandbox covers it with a directory of its own
_OPT: Final = "/opt"
_NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 127, 126, 128
_IGNORED_BY_PYTHON: Final = (signal.SIGPIPE, signal.SIGXFSZ)
_AWAITED: Final = frozenset({signal.SIGTERM, signal.SIGCHLD})
_DEVICES: Final = ("full", "null", "random", "tty", "urandom", "zero")
_DEVICE_LINKS: Final = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
_CAPABILITIES_OF_GUESTS: Final = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 29, 31})
"""Of `linux/capability.h`, those that a container engine leaves to root: none that reaches the machine behind it."""
_SET_MOUNT_ATTRIBUTES: Final = 442
"""The number of the system call `mount_setattr`, on every architecture."""
_FROM_HERE, _WHOLE_TREE, _READ_ONLY = -100, 0x8000, 1
"""AT_FDCWD, AT_RECURSIVE and MOUNT_ATTR_RDONLY."""

_libc: Final = ctypes.CDLL(None, use_errno=True)

Request = dict[str, Any]
Start = Callable[[Request], int]


def wait_for_requests(control: socket.socket, start: Start) -> Request:
    """Forks a child for each request, and ends with the emulator; returns in a process that is to be a program itself.

    Args:
        control: Brings the sockets.
        start: Starts a program, and returns its process id; 0 in that process itself.
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
            return _make_sandbox(socket.socket(fileno=number), launcher, start)
        os.close(number)


def _make_sandbox(emulator: socket.socket, launcher: int, start: Start) -> Request:
    """Makes the namespaces, and tells the emulator how their first process ends; returns in the program."""
    os.setsid()
    _die_with_parent()
    if os.getppid() != launcher:
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
    if first == 0:
        emulator.close()
        return _run_first(request, start)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    handle = os.pidfd_open(first)
    socket.send_fds(emulator, [json.dumps({"pid": os.getpid()}).encode()], [handle])
    os.close(handle)
    _, status = os.waitpid(first, 0)
    emulator.sendall(b"%d" % _exit_code(status))
    os._exit(0)


def _redirect(log: str) -> None:
    number = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.dup2(number, 1)
    os.dup2(number, 2)
    os.close(number)


def _make_namespaces(*, as_user: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    _check(_libc.unshare(_NEW_NAMESPACES | (_NEW_USER if as_user else 0)), "unshare")
    if as_user:
        for name, content in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(content)


def _run_first(request: Request, start: Start) -> Request:
    """The first process of the namespaces: when it ends, the kernel ends all others; returns in the program."""
    _die_with_parent()
    begins_in_opt_ml = request["directory"] == request["opt_ml"]
    guest = request["guest"]
    try:
        _mount(None, "/", None, _PRIVATE | _RECURSIVE)
        if guest is not None:
            request |= {name: _held(request[name]) for name in ("opt_ml", "hosts", "tmp") if request[name]}
            _mount_guest(guest)
        _mount_all(request)
        if guest is not None:
            _leave_the_machine_alone(guest, request["tmp"])
        socket.sethostname(request["host_name"])
        if begins_in_opt_ml:
            os.chdir(f"{_OPT}/ml")
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


def _mount_all(request: Request) -> None:
    """Gives the program `/proc`, `/opt/ml`, `/etc/hosts` and `/tmp` of its own."""
    opt_ml, tmp = request["opt_ml"], request["tmp"]
    _mount("proc", "/proc", "proc", _NO_SUID | _NO_PROGRAMS | _NO_DEVICES)
    # /opt of our own, with the machine's entries in it, so that /opt/ml need not exist on the machine.
    machines = os.open(_OPT, os.O_RDONLY | os.O_DIRECTORY)
    _mount("tmpfs", _OPT, "tmpfs", 0, b"mode=755")
    for name in os.listdir(machines):
        entry = f"/proc/self/fd/{machines}/{name}"
        if name != "ml" and os.path.exists(entry):
            _bind(entry, f"{_OPT}/{name}")
    os.close(machines)
    _bind(opt_ml, f"{_OPT}/ml")
    if request["python"] is not None:
        _lay_over(request["python"], as_user=request["as_user"])
    _bind(request["hosts"], "/etc/hosts")
    if tmp is not None:
        for kept in request["kept_of_tmp"]:
            _bind(kept, tmp + kept.removeprefix(_TMP))
        _bind(tmp, _TMP)


def _lay_over(python: dict[str, str], *, as_user: bool) -> None:
    """Lays what the program changes of its Python environment over the one that it has with others."""
    below, changed, work = (python[name] for name in ("below", "changed", "work"))
    for directory in (changed, work):
        os.makedirs(directory, exist_ok=True)
    held = [_held(each) for each in (below, changed, work)]
    options = "lowerdir={},upperdir={},workdir={}".format(*held) + (",userxattr" if as_user else "")
    try:
        _mount("overlay", python["seen"], "overlay", 0, options.encode())
    except OSError:  # a file system that bears none, such as that of a container
        _copy(below, changed)
    for each in held:
        os.close(int(each.rpartition("/")[2]))


def _copy(source: str, target: str) -> None:
    """Copies what is not there."""
    for name in os.listdir(source):
        place, copy = f"{source}/{name}", f"{target}/{name}"
        if os.path.islink(place):
            with suppress(FileExistsError):
                os.symlink(os.readlink(place), copy)
        elif os.path.isdir(place):
            os.makedirs(copy, exist_ok=True)
            _copy(place, copy)
        elif not os.path.exists(copy):
            with open(place, "rb") as read, open(copy, "wb") as written:
                written.write(read.read())
            os.chmod(copy, os.stat(place).st_mode)


def _mount_guest(guest: dict[str, Any]) -> None:
    """Lays what a guest changes of the machine over it, and puts what it is given into that."""
    sources = {target: _held(source) for target, source in guest["given"].items()}
    options = {
        path: f"lowerdir={path},upperdir={_held(changed)},workdir={_held(work)}"
        for path, (changed, work) in guest["laid"].items()
    }
    for path, each in options.items():
        _mount("overlay", path, "overlay", 0, os.fsencode(each))
    for target, source in sources.items():
        _bind(source, target)
    for path in guest["hidden"]:
        if os.path.isdir(path):
            _mount("tmpfs", path, "tmpfs", _NO_SUID | _NO_DEVICES | _NO_PROGRAMS, b"mode=755")
        elif os.path.exists(path):
            _bind("/dev/null", path)
    _mount_devices()


def _held(path: str) -> str:
    """A name of a file or directory that leads to it whatever is mounted over its path."""
    return f"/proc/self/fd/{os.open(path, os.O_PATH)}"


def _mount_devices() -> None:
    """Gives the guest no device but those that every program may have."""
    machines = os.open("/dev", os.O_RDONLY | os.O_DIRECTORY)
    _mount("tmpfs", "/dev", "tmpfs", _NO_SUID, b"mode=755")
    for name in _DEVICES:
        _bind(f"/proc/self/fd/{machines}/{name}", f"/dev/{name}")
    os.close(machines)
    for name, target in _DEVICE_LINKS.items():
        os.symlink(target, f"/dev/{name}")
    os.mkdir("/dev/pts")
    _mount("devpts", "/dev/pts", "devpts", _NO_SUID | _NO_PROGRAMS, b"newinstance,ptmxmode=0666,mode=620")
    os.mkdir("/dev/shm", 0o1777)  # noqa: S108 - in the guest's own
    _mount("tmpfs", "/dev/shm", "tmpfs", _NO_SUID | _NO_DEVICES, b"mode=1777")  # noqa: S108 - as above


def _leave_the_machine_alone(guest: dict[str, Any], tmp: str | None) -> None:
    """Makes all read-only but what is the guest's, and keeps it from undoing that."""
    _set_read_only("/", read_only=True)
    own = [*guest["laid"], *guest["given"], f"{_OPT}/ml", "/dev/shm"]  # noqa: S108 - as above
    for path in [*own, *([] if tmp is None else [_TMP])]:
        _set_read_only(path, read_only=False)
    for capability in range(64):
        if capability not in _CAPABILITIES_OF_GUESTS:
            _libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)  # one that this kernel has not is no fault


def _set_read_only(path: str, *, read_only: bool) -> None:
    """Of a mount, and of all below it where it becomes read-only."""
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0) if read_only else (ctypes.c_uint64 * 4)(0, _READ_ONLY)
    flags = _WHOLE_TREE if read_only else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    number = ctypes.c_long(_SET_MOUNT_ATTRIBUTES)
    _check(_libc.syscall(number, _FROM_HERE, os.fsencode(path), flags, ctypes.byref(attributes), size), path)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT))
    _mount(source, target, None, _BIND | _RECURSIVE)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: bytes | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), data), target)


def _die_with_parent() -> None:
    _check(_libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "prctl")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


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
    return [os.path.join(each, program) for each in os.get_exec_path(environment)]  # noqa: PTH118 - as above


def _spawn(file: str, command: list[str], environment: dict[str, str]) -> int:
    return os.posix_spawn(
        file,
        command,
        environment,
        setsigmask=(),
        setsigdef=_IGNORED_BY_PYTHON,
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


def _heed_what_a_shell_ignored() -> None:
    """What is started in the background, or by `nohup`, ignores signals that a container's program does not."""
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN and number not in _IGNORED_BY_PYTHON:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def main(control_number: int, module: str | None = None, *imports: str) -> None:
    """Imports, and waits for requests."""
    _heed_what_a_shell_ignored()
    for each in imports:
        import_module(each)
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit(f"A thread that was started by {', '.join(imports)} would be missing in what is forked.")
    control = socket.socket(fileno=control_number)
    if module is None:
        wait_for_requests(control, start_command)
    else:
        request = wait_for_requests(control, start_fork)
        run_module(module, request["command"][3:], request["environment"])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
