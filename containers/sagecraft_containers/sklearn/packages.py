"""Where the packages of a user's `requirements.txt` go: beside the user's code, not into the container's own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from sagecraft_containers.errors import UserError

REQUIREMENTS_FILE: Final = "requirements.txt"
_LINES_SHOWN: Final = 5


def use_own_packages(directory: Path) -> None:
    """Makes pip install into a directory, and this process and those that it starts import from there."""
    os.environ["PIP_TARGET"] = str(directory)
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(directory), *([inherited] if inherited else [])])
    sys.path.insert(0, str(directory))


def install_requirements(code: Path) -> None:
    """Installs what the `requirements.txt` of the user's code names, where there is one, as `use_own_packages` says.

    Raises:
        UserError: pip cannot install it; the message ends with pip's last lines.
    """
    requirements = code / REQUIREMENTS_FILE
    if not requirements.is_file():
        return
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--requirement", str(requirements)],
        cwd=code,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        told = "\n".join(done.stdout.strip().splitlines()[-_LINES_SHOWN:])
        raise UserError(f"pip cannot install '{REQUIREMENTS_FILE}' of the model's code; its last lines:\n{told}")
