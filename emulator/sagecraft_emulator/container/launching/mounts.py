"""What a sandbox has of its own, and what it sees of this machine: the mounts of its namespace.

It is part of the process that `launch.py` is, and reads what `Sandbox.start` tells a launcher.
"""

# ruff: noqa: PTH101, PTH102, PTH103, PTH110, PTH112, PTH114, PTH115, PTH116, PTH123, PTH208, PTH211 - as in `launch.py`
import ctypes
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, Final

OPT: Final = "/opt"
_TMP: Final = "/tmp"  # noqa: S108 - the sandbox covers it with a directory of its own
_NO_SUID, _NO_DEVICES, _NO_PROGRAMS, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 8, 1 << 12, 1 << 14, 1 << 18
_DROP_FROM_BOUNDING_SET: Final = 24
_DEVICES: Final = ("full", "null", "random", "tty", "urandom", "zero")
_DEVICE_LINKS: Final = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
_CAPABILITIES: Final = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 29, 31})
"""Of `linux/capability.h`, those that a container engine leaves to root: none that reaches the machine behind it."""
_SET_MOUNT_ATTRIBUTES: Final = 442
"""The number of the system call `mount_setattr`, on every architecture."""
_FROM_HERE, _WHOLE_TREE, _READ_ONLY = -100, 0x8000, 1
"""AT_FDCWD, AT_RECURSIVE and MOUNT_ATTR_RDONLY."""

libc: Final = ctypes.CDLL(None, use_errno=True)

Request = dict[str, Any]
_Hold = Callable[[str], str]


def mount_all(request: Request) -> None:
    """Makes the machine of a sandbox, in whose mount namespace this process is.

    Raises:
        OSError: It cannot be made.
    """
    _mount(None, "/", None, _PRIVATE | _RECURSIVE)
    guest, tmp = request["guest"], request["tmp"]
    with ExitStack() as stack:
        hold = partial(_held, stack)
        # Before anything is mounted over them.
        own = {name: hold(request[name]) for name in ("opt_ml", "hosts", "tmp") if request[name]}
        python = None if request["python"] is None else _held_python(request["python"], hold)
        shown = {path: hold(path) for path in request["shown"]}
        if guest is not None:
            _mount_guest(guest, hold)
        _hide(request["hidden"])
        for path, source in shown.items():
            _bind(source, path)
        _mount_own(request | own | {"python": python})
        if guest is not None:
            _leave_the_machine_alone(guest, tmp)
    _drop_capabilities()


def _held(stack: ExitStack, path: str) -> str:
    """A name of a file or directory that leads to it whatever is mounted over its path."""
    number = os.open(path, os.O_PATH)
    stack.callback(os.close, number)
    return f"/proc/self/fd/{number}"


def _held_python(python: dict[str, str], hold: _Hold) -> dict[str, str]:
    for name in ("changed", "work"):
        os.makedirs(python[name], exist_ok=True)
    return {**python, **{name: hold(python[name]) for name in ("below", "changed", "work")}}


def _hide(paths: Sequence[str]) -> None:
    """Lets directories and files be seen empty, where there are any."""
    for path in paths:
        if os.path.isdir(path):
            _mount("tmpfs", path, "tmpfs", _NO_SUID | _NO_DEVICES | _NO_PROGRAMS, b"mode=755")
        elif os.path.exists(path):
            _bind("/dev/null", path)


def _mount_own(request: Request) -> None:
    """Gives the program `/proc`, `/opt/ml`, `/etc/hosts` and `/tmp` of its own."""
    opt_ml, tmp = request["opt_ml"], request["tmp"]
    _mount("proc", "/proc", "proc", _NO_SUID | _NO_PROGRAMS | _NO_DEVICES)
    # /opt of our own, with the machine's entries in it, so that /opt/ml need not exist on the machine.
    machines = os.open(OPT, os.O_RDONLY | os.O_DIRECTORY)
    _mount("tmpfs", OPT, "tmpfs", 0, b"mode=755")
    for name in os.listdir(machines):
        entry = f"/proc/self/fd/{machines}/{name}"
        if name != "ml" and os.path.exists(entry):
            _bind(entry, f"{OPT}/{name}")
    os.close(machines)
    _bind(opt_ml, f"{OPT}/ml")
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
    options = f"lowerdir={below},upperdir={changed},workdir={work}" + (",userxattr" if as_user else "")
    try:
        _mount("overlay", python["seen"], "overlay", 0, options.encode())
    except OSError:  # a file system that bears none, such as that of a container
        _copy(below, changed)


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


def _mount_guest(guest: dict[str, Any], hold: _Hold) -> None:
    """Lays what a guest changes of the machine over it, and puts what it is given into that."""
    sources = {target: hold(source) for target, source in guest["given"].items()}
    options = {
        path: f"lowerdir={path},upperdir={hold(changed)},workdir={hold(work)}"
        for path, (changed, work) in guest["laid"].items()
    }
    for path, each in options.items():
        _mount("overlay", path, "overlay", 0, os.fsencode(each))
    for target, source in sources.items():
        _bind(source, target)
    _mount_devices()


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
    """Makes all read-only but what is the guest's."""
    _set_read_only("/", read_only=True)
    own = [*guest["laid"], *guest["given"], f"{OPT}/ml", "/dev/shm"]  # noqa: S108 - as above
    for path in [*own, *([] if tmp is None else [_TMP])]:
        _set_read_only(path, read_only=False)


def _drop_capabilities() -> None:
    """Keeps the program from undoing all of this."""
    for capability in range(64):
        if capability not in _CAPABILITIES:
            libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)  # one that this kernel has not is no fault


def _set_read_only(path: str, *, read_only: bool) -> None:
    """Of a mount, and of all below it where it becomes read-only."""
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0) if read_only else (ctypes.c_uint64 * 4)(0, _READ_ONLY)
    flags = _WHOLE_TREE if read_only else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    number = ctypes.c_long(_SET_MOUNT_ATTRIBUTES)
    check(libc.syscall(number, _FROM_HERE, os.fsencode(path), flags, ctypes.byref(attributes), size), path)


def _bind(source: str, target: str) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT))
    _mount(source, target, None, _BIND | _RECURSIVE)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: bytes | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    check(libc.mount(*words, ctypes.c_ulong(flags), data), target)


def check(result: int, what: str) -> None:
    """Passes what a function of C's library returned, unless it failed.

    Raises:
        OSError: It did.
    """
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
