"""The cores of this machine, and the variables that keep a program's threads to its share of them."""

import os
from typing import Final

THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
WAIT_VARIABLE: Final = "OMP_WAIT_POLICY"
"""Says what an idle thread of OpenMP does. It spins, which suits a job that is alone on its cores; where others compute
on this machine, whoever starts the emulator says `passive`. A library reads it when it is loaded."""


def processor_count() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def thread_variables(cores: int) -> dict[str, str]:
    """The environment that keeps numerical libraries to a number of threads."""
    return dict.fromkeys(THREAD_VARIABLES, str(max(1, cores)))
