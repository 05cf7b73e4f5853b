"""Memory that is freed goes back to the system, as far as glibc can be told to; other C libraries are left alone."""

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from typing import Final

_M_ARENA_MAX: Final = -8
_M_TRIM_THRESHOLD: Final = -1
"""Parameters of `mallopt`."""
_ARENAS: Final = 2
_KEPT_BYTES: Final = 131_072


def keep_little() -> None:
    """Has little memory kept by this process.

    glibc would have an arena for each of many threads, and keep more at the end of each the larger the blocks are that
    were freed: the host's state is saved as one text for each service, again and again.
    """
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Takes what is made meanwhile, modules above all, for what stays: the garbage collector never looks through it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def give_back() -> None:
    """Gives back what is free between blocks that are in use. Takes a millisecond, and what comes next as much."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
