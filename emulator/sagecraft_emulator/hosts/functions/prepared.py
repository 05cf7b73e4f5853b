"""Functions in Python that need not import the AWS SDK first, nor the AWS CLI that they run.

That takes most of a second for each, and a deployment starts dozens: see `runtime/prepare.py`, which forks them.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

from sagecraft_emulator.client_files import DATA_PATH
from sagecraft_emulator.container.launching.launcher import LaunchedProcess, Launcher, LaunchError

SERVICES: Final = ("s3", "sagemaker", "cloudfront")
"""Those that the functions of the constructs call, and those of the CDK that are in Python."""
_PROGRAM: Final = Path(__file__).with_name("runtime") / "prepare.py"
_LAYERS: Final = "_LAMBDA_LAYERS_DIRS"
_CLI: Final = Path("awscli", "aws")
_CLI_MODULE: Final = Path("awscli", "clidriver.py")
_CLI_VARIABLE: Final = "_SAGECRAFT_CLI"
_PACKAGES: Final = "python/lib/*/site-packages"
_READ_AT_START: Final = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_", "GLIBC_", "OPENSSL_")
"""How variables begin that an interpreter, or one of its libraries, reads once."""
_NOWHERE: Final = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

_lock: Final = threading.Lock()


class PreparedProcess:
    """A function's process, to be used as a `subprocess.Popen`.

    Args:
        launched: The process.
        stdin: What it reads.
        stdout: What it writes, where that is read here.
        stderr: The same.
    """

    def __init__(
        self,
        launched: LaunchedProcess,
        stdin: IO[Any],
        stdout: IO[Any] | None = None,
        stderr: IO[Any] | None = None,
    ) -> None:
        self._launched = launched
        self.pid = launched.pid
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr

    def poll(self) -> int | None:
        """Its exit code, 128 + n when ended by signal n; None while it runs."""
        return self._launched.wait(0)

    def wait(self, timeout: float | None = None) -> int:
        """As `poll`, once it has ended.

        Raises:
            subprocess.TimeoutExpired: It still runs after that time.
        """
        code = self._launched.wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def terminate(self) -> None:
        """Asks it to end."""
        self._launched.terminate()

    def kill(self) -> None:
        """Ends it."""
        self._launched.kill()


def launch(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    shared: Mapping[str, str],
    streams: Sequence[int],
) -> LaunchedProcess | None:
    """Starts a function; None where it has to be started in another way.

    Args:
        command: What runs it: this Python, with `-c` or a file.
        directory: Where its code is.
        environment: Its variables.
        shared: Those that every function has.
        streams: What it gets as its descriptors, from 0 on.
    """
    start = _read_at_start(shared)
    if command[0] != sys.executable or not hasattr(os, "pidfd_open") or _read_at_start(environment) != start:
        return None
    layers = [Path(each) for each in filter(None, environment.get(_LAYERS, "").split(os.pathsep))]
    searched = (place for each in layers for place in (each, each / "python", *each.glob(_PACKAGES)))
    request = {
        "command": list(command),
        "directory": str(directory),
        "environment": dict(environment),
        "before": [str(directory), *map(str, searched)],
    }
    # It is read where models are, and the AWS CLI adds its own to it when it is imported.
    before = {**start, **{name: value for name, value in environment.items() if name == DATA_PATH}}
    programs = (each / _CLI for each in layers)
    cli = next((each for each in programs if each.parent.joinpath(_CLI_MODULE).is_file()), None)
    with suppress(LaunchError):
        if cli is None:
            return _launcher(SERVICES, before).launch(request, streams)
        program = str(cli.resolve())
        with _launcher((program,), before).lend() as control:
            request["environment"] = {**environment, _CLI_VARIABLE: f"{len(streams)}:{program}"}
            return _launcher(SERVICES, before).launch(request, [*streams, control.fileno()])
    return None


def _launcher(imports: tuple[str, ...], variables: Mapping[str, str]) -> Launcher:
    with _lock:
        return _launcher_of(imports, tuple(variables.items()))


@cache
def _launcher_of(imports: tuple[str, ...], variables: tuple[tuple[str, str], ...]) -> Launcher:
    own = {"PYTHONUNBUFFERED": "", **dict(variables), **_NOWHERE}
    return Launcher(imports, program=_PROGRAM, variables=own)


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value and name.startswith(_READ_AT_START)}
