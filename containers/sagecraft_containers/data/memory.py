"""How much memory this process may take."""

import os
import resource
from pathlib import Path
from typing import Final

_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


def memory_bytes() -> int:
    """That of the machine, or less where its container or a limit of its own (RLIMIT_AS) says so."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    given = _CGROUP.read_text().strip() if _CGROUP.is_file() else "max"
    if given.isdecimal():
        limits.append(int(given))
    own, _ = resource.getrlimit(resource.RLIMIT_AS)
    if own != resource.RLIM_INFINITY:
        limits.append(own)
    return min(limits)
