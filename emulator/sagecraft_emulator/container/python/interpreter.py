"""The Python interpreters of this machine."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOST_SECONDS: Final = 10
_SHOW: Final = "import sys, venv; print('%d.%d' % sys.version_info[:2])"


def interpreter(version: str) -> Path | None:
    """An interpreter that makes virtual environments; None where this machine has none of that version.

    It is looked for on the PATH, and where pyenv and uv keep theirs. A program of that name may be none: pyenv's shims
    are there also for versions that are switched off.

    Args:
        version: Such as `3.10`.
    """
    return next((path for path in _candidates(version) if _is(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    yield from (Path(directory, name) for directory in os.get_exec_path())
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    for root, pattern in ((pyenv / "versions", f"{version}.*"), (uv, f"cpython-{version}*")):
        for directory in sorted(root.glob(pattern), reverse=True):
            yield directory / "bin" / name


def _is(path: Path, version: str) -> bool:
    if not os.access(path, os.X_OK):
        return False
    try:
        said = subprocess.run(
            [path, "-I", "-c", _SHOW], capture_output=True, text=True, timeout=_MOST_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.strip() == version
