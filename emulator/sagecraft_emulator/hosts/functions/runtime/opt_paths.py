"""What stands before the program of every Lambda function in Python.

On AWS a function's layers are at /opt, and Python is at /var/lang. Here a layer is in a directory of the function, so a
program that is started by such a path is found there, and runs with this Python. The AWS CLI is forked, from a process
that has imported it, where the function is told of one.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

_INTERPRETER = b"#!/var/lang/bin/python"
_SAGECRAFT_CLI = os.environ.pop("_SAGECRAFT_CLI", "").partition(":")
_SAGECRAFT_AS_USUAL = frozenset(
    {"bufsize", "cwd", "encoding", "errors", "start_new_session", "stderr", "stdin", "stdout", "text"}
)
"""What one may ask of a process that is forked."""


def _sagecraft_layer_path(path: object) -> Path | None:
    if not isinstance(path, str) or not path.startswith("/opt/") or Path(path).exists():
        return None
    layers = filter(None, os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep))
    return next((Path(layer, path[5:]) for layer in layers if Path(layer, path[5:]).exists()), None)


def _sagecraft_command(arguments: Any) -> Any:
    if not isinstance(arguments, Sequence) or isinstance(arguments, str | bytes) or not arguments:
        return arguments
    program = _sagecraft_layer_path(arguments[0])
    if program is None:
        return arguments
    with program.open("rb") as file:
        interpreter = [sys.executable] if file.readline().startswith(_INTERPRETER) else []
    return [*interpreter, str(program), *arguments[1:]]


def _sagecraft_environment() -> dict[str, str]:
    """That of this process, with what only the C library knows of."""
    import ctypes  # noqa: PLC0415 - what forks functions has it

    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    found: dict[str, str] = {}
    while (variable := variables[len(found)]) is not None:
        name, _, value = os.fsdecode(variable).partition("=")
        found[name] = value
    return found


def _sagecraft_stand_for(command: list[str]) -> None:
    """Has a program forked, and ends as it does; returns in order to be the program itself where that cannot be."""
    ours, theirs = socket.socketpair()
    with suppress(OSError), socket.socket(fileno=int(_SAGECRAFT_CLI[0])) as control:
        socket.send_fds(control, [b"+"], [theirs.fileno()], socket.MSG_NOSIGNAL)
        theirs.close()
        socket.send_fds(ours, [b"\n"], [0, 1, 2], socket.MSG_NOSIGNAL)
        request = {"command": command, "directory": os.getcwd(), "environment": _sagecraft_environment(), "before": []}  # noqa: PTH109
        ours.sendall(json.dumps(request).encode(), socket.MSG_NOSIGNAL)
        ours.shutdown(socket.SHUT_WR)
        _, handles, _, _ = socket.recv_fds(ours, 4096, 1)
        if handles:
            _sagecraft_wait(ours, handles[0])


def _sagecraft_wait(program: socket.socket, handle: int) -> None:
    # Whoever started this waits until all else is closed. With this socket the program ends, if this is killed.
    last = 2
    for number in (*sorted((program.fileno(), handle)), os.sysconf("SC_OPEN_MAX")):
        os.closerange(last + 1, number)
        last = number
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, _: signal.pidfd_send_signal(handle, number))
    told = program.recv(4096)
    os._exit(int(told) if told else 128 + signal.SIGKILL)


class _SagecraftPopen(subprocess.Popen[Any]):
    def __init__(self, args: Any, *others: Any, **options: Any) -> None:
        command = _sagecraft_command(args)
        is_cli = command is not args and str(Path(command[-len(args)]).resolve()) == _SAGECRAFT_CLI[2]
        if is_cli and not others and options.keys() <= _SAGECRAFT_AS_USUAL:
            command = [sys.executable, _SAGECRAFT_CLI[2], *args[1:]]
            options["preexec_fn"] = partial(_sagecraft_stand_for, command)
        super().__init__(command, *others, **options)


subprocess.Popen = _SagecraftPopen  # type: ignore[misc]  # the whole purpose
