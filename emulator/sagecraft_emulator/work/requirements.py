"""The Python packages that a local program requires, installed once per content of its requirements file."""

import hashlib
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from sagecraft_emulator.errors import EmulatorError

_LAST_LINES: Final = 5
_one_at_a_time: Final = threading.Lock()


class RequirementsFailed(EmulatorError):
    """The requirements of a local program cannot be installed."""


def install_requirements(file: Path, cache_dir: Path) -> Path:
    """Installs what a requirements file names.

    Args:
        file: The requirements file.
        cache_dir: Where installed packages are kept.

    Returns:
        The directory to put on the program's PYTHONPATH.

    Raises:
        RequirementsFailed: With pip's last lines.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RequirementsFailed(f"The requirements '{file}' cannot be read: {error.strerror}.") from error
    target = cache_dir / hashlib.sha256(content + sys.version.encode()).hexdigest()[:16]
    with _one_at_a_time:
        if not target.exists():
            _install(file, target)
    return target


def _install(file: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    done = subprocess.run(
        [*command, "--target", str(unfinished), "--requirement", str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=file.parent,
    )
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        last = "\n".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
        raise RequirementsFailed(f"The requirements '{file}' cannot be installed: {last}")
    unfinished.mkdir(parents=True, exist_ok=True)  # pip makes nothing when nothing is required
    unfinished.rename(target)
