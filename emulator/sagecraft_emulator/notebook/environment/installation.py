"""The Python packages of notebook instances, installed once for all emulators of a user.

JupyterLab has a virtual environment, and each version of the SageMaker SDK one with the kernel's packages. What is in
them is pinned by the lists in `pins/`. Instances read them; what an instance installs goes on top, into its own.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from sagecraft_containers.python_environment import PythonEnvironment

from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.settings import cache_dir

_COMPLETE: Final = ".complete"
_LINES_SHOWN: Final = 3
_PREFIX: Final = "notebook"
_TOLD: Final = re.compile(r"(Collecting|Downloading|Installing|Resolved|Prepared|Installed)\b.*")

Tell = Callable[[str], object]


class SdkVersion(StrEnum):
    """Which SageMaker SDK the kernel of a notebook instance has."""

    V2 = "2"
    V3 = "3"


class InstallationFailed(EmulatorError):
    """The packages of notebook instances cannot be installed; the message says what to do."""


def jupyter_environment(tell: Tell) -> PythonEnvironment:
    """The environment of JupyterLab; installed where it is missing.

    Args:
        tell: Is told what goes on.

    Raises:
        InstallationFailed: The packages cannot be installed.
    """
    return _installed("jupyter", tell)


def kernel_environment(sdk: SdkVersion, tell: Tell) -> PythonEnvironment:
    """The environment of the kernel; installed where it is missing.

    Args:
        sdk: Which SageMaker SDK it has.
        tell: Is told what goes on.

    Raises:
        InstallationFailed: The packages cannot be installed.
    """
    return _installed(f"sdk-{sdk}", tell)


def is_installed(sdk: SdkVersion) -> bool:
    """Whether all that an instance with this SDK needs is there."""
    return all((_directory(name) / _COMPLETE).exists() for name in ("jupyter", f"sdk-{sdk}"))


def _installed(name: str, tell: Tell) -> PythonEnvironment:
    built = PythonEnvironment(_directory(name))
    if (built.directory / _COMPLETE).exists():
        return built
    try:
        built.directory.parent.mkdir(parents=True, exist_ok=True)
        with built.directory.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # A mark and no renaming: an environment does not bear to be moved.
            if not (built.directory / _COMPLETE).exists():
                _make(built, name, tell)
    except OSError as error:
        raise InstallationFailed(
            f"The packages of notebook instances cannot be installed into {built.directory}: {error}. "
            "Set XDG_CACHE_HOME to a directory that can be written."
        ) from error
    return built


def _make(built: PythonEnvironment, name: str, tell: Tell) -> None:
    shutil.rmtree(built.directory, ignore_errors=True)
    try:
        tell(f"Installing the packages of {_SPOKEN[name]} into {built.directory}")
        venv.EnvBuilder(symlinks=True, with_pip=False).create(built.directory)
        _install(built, name, tell)
        # Notebooks run in the kernel of their own environment, and not among the packages of the server.
        shutil.rmtree(built.directory / "share" / "jupyter" / "kernels", ignore_errors=True)
        (built.directory / _COMPLETE).touch()
    except BaseException:
        shutil.rmtree(built.directory, ignore_errors=True)
        raise


def _install(built: PythonEnvironment, name: str, tell: Tell) -> None:
    with resources.as_file(_pins(name)) as pins:
        process = subprocess.Popen(
            [*_installer(built), "--requirement", str(pins)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines = []
        with process:
            for line in process.stdout or ():
                lines.append(line.strip())
                if _TOLD.match(lines[-1]):
                    tell(lines[-1])
    if process.returncode != 0:
        said = " | ".join(line for line in lines[-_LINES_SHOWN:] if line)
        raise InstallationFailed(
            f"The packages of {_SPOKEN[name]} cannot be installed: {said}. They come from PyPI, or from where pip is "
            "set up to look. With a connection to it, run: sagecraft notebook setup"
        )


def _installer(built: PythonEnvironment) -> list[str]:
    """The command that installs into an environment: uv, which takes seconds, or else pip, which takes minutes."""
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    )
    if uv is not None:
        return [uv, "pip", "install", "--compile-bytecode", "--python", str(built.python)]
    return [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(built.python),
        "install",
        "--no-input",
        "--progress-bar",
        "off",
    ]


def _directory(name: str) -> Path:
    return cache_dir() / f"{_PREFIX}-{name}-{_digest(name)}"


@cache
def _digest(name: str) -> str:
    """Tells environments of other pins, or another interpreter, apart."""
    return hashlib.sha256(_pins(name).read_bytes() + f"{sys.version} {sys.base_prefix}".encode()).hexdigest()[:16]


def _pins(name: str) -> "resources.abc.Traversable":
    return resources.files(__package__).joinpath("pins", f"{name}.txt")


_SPOKEN: Final = {
    "jupyter": "JupyterLab",
    **{f"sdk-{version}": f"the notebook kernel with the SageMaker SDK v{version}" for version in SdkVersion},
}
