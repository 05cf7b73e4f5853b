"""Functions: how ministack starts their processes, and their layers, which it unpacks for each of them anew."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, Final

from sagecraft_emulator.hosts.functions import runtime as scripts
from sagecraft_emulator.hosts.functions.layers import unpacked
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.functions.prepared import PreparedProcess, launch

from .handler_error import keep_workers

_LAYER: Final = "layer_"
"""How the archive of a layer begins, and the directory that it is unpacked into, both in that of the function."""


def prepare_runtime(runtime: Any, node: NodeRuntime) -> None:
    """Has functions outlive an error of their handler, share their layers, and wait for Node.js.

    Args:
        runtime: ministack's `core.lambda_runtime`.
        node: For functions in Node.js.
    """
    # ruff: noqa: SLF001 - ministack has no public way to any of this
    keep_workers(runtime)
    runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": _start})
    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": _FunctionArchive})
    # Every worker reads its script when it is started.
    opt_paths = resources.files(scripts).joinpath("opt_paths.py").read_text()
    runtime._PYTHON_WORKER_SCRIPT = opt_paths + runtime._PYTHON_WORKER_SCRIPT
    own = runtime._detect_runtime_binary

    def runtime_binary(name: str) -> tuple[str, str]:
        if name.startswith("nodejs"):
            node.wait()
        binary, script = own(name)
        return str(binary), str(script)

    runtime._detect_runtime_binary = runtime_binary


def _start(command: Sequence[str], **options: Any) -> "subprocess.Popen[Any] | PreparedProcess":
    """Starts the process of a function, one in Python with what it imports imported already."""
    ours: list[IO[str]] = []
    theirs: list[int] = []
    try:
        launched = None
        if command[0] == sys.executable:
            for mode in ("w", "r", "r"):
                reader, writer = os.pipe()
                mine, their = (reader, writer) if mode == "r" else (writer, reader)
                ours.append(os.fdopen(mine, mode, 1, encoding="utf-8"))
                theirs.append(their)
            launched = launch(command, Path(options["cwd"]), options["env"], os.environ, theirs)
    finally:
        for number in theirs:
            os.close(number)
    if launched is not None:
        return PreparedProcess(launched, *ours)
    for stream in ours:
        stream.close()
    return subprocess.Popen(command, **options)


class _FunctionArchive(zipfile.ZipFile):
    """The code of a function, or one of its layers, as ministack unpacks it."""

    def namelist(self) -> list[str]:
        """Of a layer none: ministack looks at each, whether it would lie outside. `unpacked` leaves nothing there."""
        return [] if Path(self.filename or "").name.startswith(_LAYER) else super().namelist()

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Unpacks the code; the directory of a layer, which is there and empty, becomes a link."""
        place = Path(path)
        if not place.name.startswith(_LAYER):
            super().extractall(path, members, pwd)
            return
        try:
            shared = unpacked(Path(self.filename or ""))
        except OSError:  # no cache can be written
            super().extractall(path, super().namelist(), pwd)
            return
        place.rmdir()
        place.symlink_to(shared)
