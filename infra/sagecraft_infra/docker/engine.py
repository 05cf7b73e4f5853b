"""The container engine of the machine, where there is one."""

import shutil
import subprocess
from functools import cache
from typing import Final

ENGINE: Final = "docker"
_TIMEOUT_SECONDS: Final = 20


@cache
def engine_answers() -> bool:
    """Whether `docker` is there and its engine answers; the command alone builds nothing."""
    if shutil.which(ENGINE) is None:
        return False
    try:
        done = subprocess.run(
            [ENGINE, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
