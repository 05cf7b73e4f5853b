"""The programs of containers, for `tests/prepared_process.py`."""

from __future__ import annotations

import atexit
import os
import runpy
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.prepared_process import PreparedProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.prepared_process import Fork

ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}


def start_program(module: str, mode: str, variables: Mapping[str, str]) -> Fork:
    """Starts `python -m module mode`, with its output and its errors in one pipe."""
    return _prepared_program().start([module, mode], cwd=Path.cwd(), env={**os.environ, **variables})


@cache
def _prepared_program() -> PreparedProcess:
    """That of this worker, started when it is wanted first."""
    process = PreparedProcess("tests.containers.prepared_program", **ONE_THREAD)
    atexit.register(process.close)
    return process


def prepare() -> None:
    """Imports what the programs do when they train or serve: scikit-learn last, which XGBoost must not find."""
    # ruff: noqa: F401
    import pyarrow.csv
    import sagecraft_containers.algorithm.descent
    import sagecraft_containers.sklearn.program
    import sagecraft_containers.xgboost.program
    import sagecraft_containers.xgboost.serving.algorithm
    import sagecraft_containers.xgboost.training.algorithm
    import scipy.sparse
    import sklearn.model_selection


def main() -> None:
    """As `python -m`."""
    module, *arguments = sys.argv[1:]
    sys.argv[1:] = arguments
    sys.orig_argv = [sys.executable, "-m", module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
