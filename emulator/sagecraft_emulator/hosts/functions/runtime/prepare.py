"""The process that forks programs in Python which call AWS: it has imported what they do, and read AWS's models.

It runs nothing of a function itself. Each request is a socket, which brings the standard streams and says what to run;
a child of its own waits for each program, and tells how it ended.

usage: prepare.py SOCKET SERVICE..., or prepare.py SOCKET PROGRAM, which is the AWS CLI's
"""

# ruff: noqa: PTH120, PTH123, PTH208 - it imports little by itself: what it forks has all of it
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

sys.path.append(__file__.rpartition("/sagecraft_emulator/")[0])
from sagecraft_emulator.container.launching.launch import (
    IGNORED_BY_PYTHON,
    die_with,
    heed_what_a_shell_ignored,
    refuse_threads,
    tell_end,
    wait_for_requests,
)

del sys.path[-1]

_MOST_DESCRIPTORS: Final = 5
_AT_START: Final = frozenset(sys.modules)

Request = dict[str, Any]


def import_boto3(services: Sequence[str]) -> None:
    """Imports what a client needs, those of some services in particular, and leaves none behind."""
    import boto3  # noqa: PLC0415 - none of the imports that it is about

    session: Any = boto3.session.Session()
    for service in services:
        session.client(service)


def import_cli(program: str) -> None:
    """Imports what the AWS CLI does for commands of S3, by one that calls nobody."""
    driver = import_module("awscli.clidriver").create_clidriver()
    driver.main(["s3", "cp", program, "s3://bucket/key", "--dryrun"])


def keep_models(prepare: Callable[[], None]) -> None:
    """Keeps what botocore reads of AWS's models meanwhile. Who reads it next has it for himself, and may change it."""
    loader: Any = import_module("botocore.loaders").JSONFileLoader
    read = loader.load_file
    kept: dict[str, Any] = {}

    def note(self: Any, path: str) -> Any:
        kept[path] = None
        return read(self, path)

    def load(self: Any, path: str) -> Any:
        return kept.pop(path, None) or read(self, path)

    loader.load_file = note
    prepare()
    kept = {path: read(loader(), path) for path in kept}
    loader.load_file = load


class ImportedAlready:
    """Gives a program the libraries that are imported already, unless it would find others where it looks for them.

    A function may bring its own, in a directory that it puts before the others by itself. Then it gets all of them as
    if nothing were imported, for they refer to each other.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._modules = {name: sys.modules.pop(name) for name in names}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Of the first of these libraries that is imported; of the others, `sys.modules` knows then."""
        del path, target
        if name not in self._modules:
            return None
        sys.meta_path.remove(self)
        if not all(_is_found(each) for each in self._modules.values() if "." not in each.__name__):
            return None
        sys.modules.update({each: module for each, module in self._modules.items() if each != name})
        return ModuleSpec(name, self)  # type: ignore[arg-type]  # a loader, as far as it is asked

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The imported one."""
        module = self._modules[spec.name]
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Has it say where it is from, as ever."""
        module.__spec__ = self._spec


def _is_found(module: ModuleType) -> bool:
    found = PathFinder.find_spec(module.__name__)
    return found is not None and module.__spec__ is not None and found.origin == module.__spec__.origin


def begin(asking: socket.socket, launcher: int) -> Request:
    """Waits for a child, which is the program, and tells how it ended; returns in that."""
    die_with(launcher)
    _, streams, _, _ = socket.recv_fds(asking, 1, _MOST_DESCRIPTORS)
    with asking.makefile("rb") as file:
        request: Request = json.load(file)
    waiting = os.getpid()
    program = os.fork()
    if program:
        for number in streams:
            os.close(number)
        tell_end(asking, program, program)
    os.setsid()
    die_with(waiting)
    asking.close()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(len(streams), max(streams) + 1)
    os.chdir(request["directory"])
    return request


def run(
    command: list[str],
    environment: dict[str, str],
    before: Sequence[str],
    changed: Mapping[str, tuple[str | None, str]],
) -> None:
    """Runs a program as Python does, with what is imported; nothing else of this process is seen by it.

    Args:
        command: An interpreter, and either `-c` or a file.
        environment: Its variables.
        before: Where it looks for modules before it looks here.
        changed: What this process's variables were, and what the imports made of them, as those of the AWS CLI do with
            its data's place.
    """
    if _brings_its_own(before) or any(environment.get(name) != was for name, (was, _) in changed.items()):
        for number in IGNORED_BY_PYTHON:
            signal.signal(number, signal.SIG_DFL)
        os.execve(command[0], command, environment)  # noqa: S606 - from nothing, as any other
    os.environ.clear()
    os.environ.update({**environment, **{name: value for name, (_, value) in changed.items()}})
    time.tzset()
    sys.meta_path.insert(0, ImportedAlready(_libraries()))
    main = sys.modules["__main__"] = ModuleType("__main__")
    sys.orig_argv = command
    if command[1] == "-c":
        sys.argv, place, name, source = ["-c", *command[3:]], "", "<string>", command[2].encode()
    else:
        sys.argv, place, name = command[1:], os.path.dirname(command[1]), command[1]
        main.__file__ = name
        with open(name, "rb") as file:
            source = file.read()
    sys.path.insert(0, place)
    exec(compile(source, name, "exec", dont_inherit=True), vars(main))  # noqa: S102 - what it is for


def _brings_its_own(directories: Sequence[str]) -> bool:
    """Whether there is a module of which one of the same name is imported already."""
    imported = {name.partition(".")[0] for name in sys.modules}
    for each in directories:
        with suppress(OSError):
            if not imported.isdisjoint(name.partition(".")[0] for name in os.listdir(each)):
                return True
    return False


def _libraries() -> list[str]:
    """What is imported, without what is Python's, was there already when this process began, or is from nowhere."""
    unfound = {name for name, module in sys.modules.items() if getattr(module, "__spec__", None) is None}
    others = {*sys.stdlib_module_names, *_AT_START, *unfound}
    return [name for name in sys.modules if name.partition(".")[0] not in others]


def main(control_number: int, *imports: str) -> None:
    """Imports, and waits for requests."""
    heed_what_a_shell_ignored()
    variables = dict(os.environ)
    if "/" in imports[0]:
        sys.path.insert(0, os.path.dirname(imports[0]))  # where the CLI, and its own botocore, are
        keep_models(partial(import_cli, imports[0]))
        del sys.path[0]
    else:
        keep_models(partial(import_boto3, imports))
    refuse_threads(", ".join(imports))
    changed = {name: (variables.get(name), value) for name, value in os.environ.items() if variables.get(name) != value}
    request = wait_for_requests(socket.socket(fileno=control_number), begin)
    run(request["command"], request["environment"], request["before"], changed)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
