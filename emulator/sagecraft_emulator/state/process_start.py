"""What tells a process from others that had its id, or will have it: not the clock, which may be set meanwhile."""

import sys
from functools import cache
from pathlib import Path
from typing import Final

import psutil

_OVER: Final = "over"
_TICKS: Final = 19
"""Where the start stands in /proc/PID/stat behind the name, in ticks since the machine was started: proc(5)."""


def start_of(pid: int) -> str:
    """When a process began since which start of the machine, to be compared as a whole; also of one that is over."""
    if sys.platform != "linux":
        return _start_elsewhere(pid)
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[_TICKS]
    except OSError:
        ticks = _OVER
    return f"{_boot()} {ticks}"


def is_of_this_boot(start: str) -> bool:
    """Whether a process began since the machine was started: its id may be another's otherwise."""
    return start.partition(" ")[0] == _boot()


def _start_elsewhere(pid: int) -> str:
    try:
        return f"{_boot()} {psutil.Process(pid).create_time()}"
    except psutil.NoSuchProcess:
        return f"{_boot()} {_OVER}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    except OSError:
        return str(int(psutil.boot_time()))
