"""Packages that are installed once for all emulators of a user, each set of them into a virtual environment."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sagecraft_containers.python_environment import PythonEnvironment

from sagecraft_emulator.errors import EmulatorError

_COMPLETE: Final = ".complete"
_LINES_SHOWN: Final = 3
_TESTS: Final = r"[/\\]tests?[/\\]"
"""The directories of a package's own tests, which are a quarter of what large packages bring."""
_TOLD: Final = re.compile(r"(Collecting|Downloading|Installing|Resolved|Prepared|Installed)\b.*")

Tell = Callable[[str], object]


class InstallationFailed(EmulatorError):
    """Packages cannot be installed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Packages in a virtual environment.

    Attributes:
        what: What messages call them.
        directory: Where the environment is, or goes.
        arguments: What to install, as pip takes it.
        again: What to do when there is a connection to where packages come from, as the message of a failure ends.
        interpreter: Whose environment it is.
    """

    what: str
    directory: Path
    arguments: Sequence[str]
    again: str
    interpreter: Path = Path(sys.executable)

    @property
    def is_complete(self) -> bool:
        """Whether all packages are there."""
        return (self.directory / _COMPLETE).exists()

    def environment(self, tell: Tell) -> PythonEnvironment:
        """The environment; made where it is missing, while others that ask for it wait.

        Args:
            tell: Is told what goes on.

        Raises:
            InstallationFailed: The packages cannot be installed.
        """
        built = PythonEnvironment(self.directory)
        if self.is_complete:
            return built
        try:
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            with self.directory.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # A mark and no renaming: an environment does not bear to be moved.
                if not self.is_complete:
                    self._make(built, tell)
        except OSError as error:
            raise InstallationFailed(
                f"The packages of {self.what} cannot be installed into {self.directory}: {error}. "
                "Set XDG_CACHE_HOME to a directory that can be written."
            ) from error
        return built

    def _make(self, built: PythonEnvironment, tell: Tell) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        try:
            tell(f"Installing the packages of {self.what} into {self.directory}")
            self._run([str(self.interpreter), "-I", "-m", "venv", "--without-pip", str(self.directory)], tell)
            self._run([*_installer(built), *self.arguments], tell)
            _compile(built)
            (self.directory / _COMPLETE).touch()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise

    def _run(self, command: Sequence[str], tell: Tell) -> None:
        process = subprocess.Popen(
            command,
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
                f"The packages of {self.what} cannot be installed: {said}. They come from PyPI, or from where pip is "
                f"set up to look. With a connection to it, {self.again}"
            )


def _compile(built: PythonEnvironment) -> None:
    """Compiles what was installed: those that run in the environment may not write there, and would do so each time."""
    # It fails where a package has a file that is for another Python, or for none.
    subprocess.run(
        [str(built.python.absolute()), "-I", "-m", "compileall", "-q", "-j", "0", "-x", _TESTS, "lib"],
        cwd=built.directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )


def _installer(built: PythonEnvironment) -> list[str]:
    """The command that installs into an environment: uv, which takes seconds, or else pip, which takes minutes."""
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    )
    if uv is not None:
        return [uv, "pip", "install", "--python", str(built.python)]
    return [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(built.python),
        "install",
        "--no-compile",
        "--no-input",
        "--progress-bar",
        "off",
    ]
