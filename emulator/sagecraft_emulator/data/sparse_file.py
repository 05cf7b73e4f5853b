"""Gives the space of a file's beginning back, while its writer goes on at its end.

Source: fallocate(2), FALLOC_FL_PUNCH_HOLE.
"""

import ctypes
import ctypes.util
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

_KEEP_SIZE: Final = 1
_PUNCH_HOLE: Final = 2


def free_beginning(path: Path, size: int) -> bool:
    """Makes the first bytes of a file zeros that take no space; the file keeps its length, and its writer its place.

    Returns whether that was done: other systems than Linux, and some file systems, cannot.
    """
    punch = _fallocate()
    if punch is None:
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        result: int = punch(descriptor, _KEEP_SIZE | _PUNCH_HOLE, 0, size)
    finally:
        os.close(descriptor)
    return result == 0


@cache
def _fallocate() -> Any:
    if sys.platform != "linux":
        return None
    function = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True).fallocate64
    function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    function.restype = ctypes.c_int
    return function
