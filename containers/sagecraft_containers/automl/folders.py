"""Where the steps that are processing jobs find their input, and leave their output."""

import tarfile
from pathlib import Path

from sagecraft_containers.contract import ContainerPaths


def step_input(paths: ContainerPaths) -> Path:
    """A folder for each input."""
    return paths.base / "processing" / "input"


def step_output(paths: ContainerPaths) -> Path:
    """A folder for each output."""
    return paths.base / "processing" / "output"


def unpacked(directory: Path) -> Path:
    """A directory whose archive, where it holds one, is unpacked in it."""
    for archive in directory.glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(directory, filter="data")
    return directory
