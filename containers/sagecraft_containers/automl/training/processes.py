"""Processes that candidates are fitted in: they can be ended at any time, and end with the one that began them."""

import ctypes
import os
import signal
import sys
from typing import Final

from joblib.externals.loky.process_executor import ProcessPoolExecutor

from sagecraft_containers.contract import THREADS_VARIABLE

_SET_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def pool_of(workers: int) -> ProcessPoolExecutor:
    """Some processes of a thread each: candidates beside each other use the cores better than the threads of one."""
    names = (THREADS_VARIABLE, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return ProcessPoolExecutor(workers, initializer=_end_with, initargs=(os.getpid(),), env=dict.fromkeys(names, "1"))


def _end_with(parent: int) -> None:
    """Has this process end when its parent is killed, which cannot end it then."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
