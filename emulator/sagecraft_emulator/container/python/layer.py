"""The Python environments of our images, each made once for an emulator: a sandbox has only what it changes of one."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.python_environment import make_environment

from sagecraft_emulator.container.sandbox import Sandbox

_lock: Final = threading.Lock()
_made: Final[set[Path]] = set()


def python_below(
    sandbox: Sandbox, parent: Path, programs: Mapping[str, Sequence[str]], modules: Sequence[Path]
) -> dict[str, str]:
    """What `launch.py` is told of an environment, which is made when this process asks for it the first time.

    Args:
        sandbox: Of the program that sees it as its own.
        parent: Where environments are.
        programs: As `make_environment` takes them.
        modules: As `make_environment` takes them.
    """
    what = repr((sorted(programs.items()), modules))
    directory = parent / hashlib.sha256(what.encode()).hexdigest()[:16]
    with _lock:
        if directory not in _made or not directory.is_dir():
            make_environment(directory, programs=programs, modules=modules)
            _made.add(directory)
    changed, seen = (ContainerPaths(base).python_directory for base in (sandbox.opt_ml, sandbox.base_directory()))
    work = sandbox.directory / "python"
    return {"below": str(directory), "changed": str(changed), "work": str(work), "seen": str(seen)}
