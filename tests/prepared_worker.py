"""A worker of pytest-xdist, for `tests/prepared_process.py`: a fork of a process that has imported the tests.

To import all modules of the tests, and what they use, takes ten seconds of a core, and more than twice that where
nothing is compiled yet. The workers begin where one process has that behind it; each then collects for itself.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from execnet import XSpec
from jsii._kernel import Kernel
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess
from sagecraft_emulator.container import sandbox

from tests.prepared_process import ROOT, PreparedProcess

_ARGUMENTS: Final = "SAGECRAFT_TEST_ARGUMENTS"
_COLLECT_ALONE: Final = ("--collect-only", "-qq", "-s", "-n0")


def prepare_workers(config: pytest.Config, specs: list[XSpec]) -> PreparedProcess | None:
    """Has workers begin as forks; they do so until what is returned is closed.

    Returns:
        None where that gains nothing, or is not possible: a fork is safe on Linux alone.
    """
    own = [spec for spec in specs if spec.popen and not spec.python]
    if len(own) < 2 or sys.platform != "linux" or config.invocation_params.dir != ROOT:
        return None
    for spec in own:
        spec.python = f"'{sys.executable}' -m {__name__}"
    return PreparedProcess(__name__, **{_ARGUMENTS: json.dumps(config.invocation_params.args)})


def prepare() -> None:
    """Imports the tests, and ends what processes they began: each fork begins its own."""
    kernel = Kernel()
    kernel.provider = imports = _KeptNode()
    pytest.main([*json.loads(os.environ.pop(_ARGUMENTS)), *_COLLECT_ALONE])
    imports.stop()
    kernel.provider = _Node(imports.asked)
    sandbox._commands._give_up()


class _Node(ProcessProvider):
    """Node.js for the CDK, which starts when it is first needed.

    Args:
        first: What it is asked then, with the types of the answers and these: what was asked before a fork, whose
            objects are known here by the names that they then have again.
    """

    def __init__(self, first: Iterable[tuple[Any, Any, Any]] = ()) -> None:
        self._first = first

    @cached_property
    def _process(self) -> Any:  # jsii has one for all providers
        process: Any = _NodeProcess()  # type: ignore[no-untyped-call]
        process.start()
        for request, kind, answer in self._first:
            again = process.send(request, kind)
            assert again == answer, f"{request} was answered by {answer}, and is by {again}."
        return process


class _KeptNode(_Node):
    """Keeps what it is asked, with the types of the answers and these."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Any, Any, Any]] = []

    @property
    def _process(self) -> Any:
        return self

    def send(self, request: Any, kind: Any) -> Any:
        """Asks, and keeps the answer."""
        answer = super()._process.send(request, kind)
        self.asked.append((request, kind, answer))
        return answer

    def stop(self) -> None:
        """Ends Node.js, if it was asked."""
        if self.asked:
            super()._process.stop()


def main() -> None:
    """As `python -c`."""
    sys.modules["__main__"] = ModuleType("__main__")
    exec(sys.argv[-1], vars(sys.modules["__main__"]))
    # As an interpreter ends, but for taking apart all that was imported, which would copy it for each fork.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(PreparedProcess("tests.prepared_worker").stand_in(Path.cwd()))
