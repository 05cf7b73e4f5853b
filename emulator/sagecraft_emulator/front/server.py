"""An emulator in the background: start it, ask how it is, stop it."""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import psutil

from sagecraft_emulator.errors import StartError
from sagecraft_emulator.settings import HOST, TIED, EmulatorSettings
from sagecraft_emulator.state import process_file

START_TIMEOUT_SECONDS: Final = 60.0
STOP_TIMEOUT_SECONDS: Final = 30.0
HEALTH_TIMEOUT_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.05
LOG_LINES: Final = 5

_started: Final[dict[int, subprocess.Popen[bytes]]] = {}
"""Emulators that this process started, which has to take note of their end."""


@dataclass(frozen=True)
class Health:
    """What a running emulator says of itself.

    Attributes:
        process_id: Its process.
        state_dir: Where it keeps its state.
        warnings: What does not work in it, in sentences.
        enforce_iam: Whether work has the permissions of its role alone.
        quotas: Whose quotas it keeps to, as `EmulatorSettings` has it.
    """

    process_id: int
    state_dir: Path
    warnings: tuple[str, ...]
    enforce_iam: bool
    quotas: str


def start(settings: EmulatorSettings, *, tied: bool = False) -> None:
    """Starts an emulator in the background, in a session of its own, and returns when it answers.

    Does nothing when the one of these settings runs already.

    Args:
        settings: What it is told.
        tied: Whether it ends with this process, in whatever way that ends.

    Raises:
        StartError: It does not come up; with what it said.
    """
    present = health(settings)
    if present is not None:
        if present.state_dir == settings.state_dir:
            return
        raise StartError(
            f"Port {settings.port} is taken by an emulator with the state directory {present.state_dir}. "
            "Stop that one, or give another port with --port."
        )
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        log = settings.log_file.open("ab")
    except OSError as error:
        raise StartError(
            f"The state directory {settings.state_dir} cannot be written: {error.strerror}. "
            "Give another one with --state-dir, or change its permissions."
        ) from error
    with log:
        begin = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "sagecraft_emulator", *settings.arguments, *([TIED] if tied else [])],
            stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=settings.state_dir,
            start_new_session=True,
        )
    _started[process.pid] = process
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(
                _last_lines(settings.log_file, begin) or f"The emulator ended with code {process.returncode}."
            )
        present = health(settings)
        if present is not None and present.process_id == process.pid:
            return
        time.sleep(POLL_SECONDS)
    process.kill()
    process.wait()
    raise StartError(
        f"The emulator did not answer within {START_TIMEOUT_SECONDS:.0f} s. Its log is {settings.log_file}."
    )


def health(settings: EmulatorSettings) -> Health | None:
    """What the emulator on the port says of itself; None when none answers there."""
    connection = HTTPConnection(HOST, settings.port, timeout=HEALTH_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/_sagecraft/health")
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            return None
        members = json.loads(response.read())
        return Health(
            members["process_id"],
            Path(members["state_dir"]),
            tuple(members["warnings"]),
            members["enforce_iam"],
            members["quotas"],
        )
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def stop(settings: EmulatorSettings) -> bool:
    """Stops the emulator of a state directory, and everything that it started; returns whether one ran.

    It is asked to stop, which keeps its state, and killed when it has not done so in time.
    """
    recorded = process_file.read(settings)
    process = None if recorded is None else recorded.handle()
    if process is None:
        settings.process_file.unlink(missing_ok=True)
        return False
    family = [process, *_children(process)]
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_TIMEOUT_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        family += _children(process)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, STOP_TIMEOUT_SECONDS)
    child = _started.pop(process.pid, None)
    if child is not None:
        child.wait()
        if child.stdin is not None:
            child.stdin.close()
    settings.process_file.unlink(missing_ok=True)
    return True


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _last_lines(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-LOG_LINES:])
