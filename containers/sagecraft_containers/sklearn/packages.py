"""Where the packages of a user's `requirements.txt` go: beside the user's code, not into the container's own."""

import os
import sys
from pathlib import Path


def use_own_packages(directory: Path) -> None:
    """Makes pip install into a directory, and this process and those that it starts import from there."""
    os.environ["PIP_TARGET"] = str(directory)
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(directory), *([inherited] if inherited else [])])
    sys.path.insert(0, str(directory))
