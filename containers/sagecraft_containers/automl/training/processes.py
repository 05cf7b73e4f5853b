"""Processes that candidates are fitted in: they can be ended at any time, and end with the one that began them."""

import ctypes
import multiprocessing
import os
import signal
import sys
from typing import Final

from joblib.externals.loky.process_executor import ProcessPoolExecutor

from sagecraft_containers.contract import THREADS_VARIABLE

_SET_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_ONE_THREAD: Final = dict.fromkeys((THREADS_VARIABLE, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

_METHOD: Final = "fork" if sys.platform == "linux" else None
"""How processes begin; None for fresh ones."""


def pool_of(workers: int) -> ProcessPoolExecutor:
    """Some processes of a thread each: candidates beside each other use the cores better than the threads of one.

    On Linux they are forks, which have what this process has imported; elsewhere each imports it, which takes seconds.
    """
    context = None if _METHOD is None else multiprocessing.get_context(_METHOD)
    return ProcessPoolExecutor(workers, context=context, initializer=_begin, initargs=(os.getpid(),), env=_ONE_THREAD)


def _begin(parent: int) -> None:
    """Has this process end when its parent is killed, which cannot end it then, and libraries use one thread in it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - of the extra `automl`

        os.environ.update(_ONE_THREAD)  # for what is not loaded yet
        threadpool_limits(1)
