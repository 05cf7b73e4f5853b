"""Which process uses a state directory: a lock that ends with the process, and who holds it."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from sagecraft_emulator.errors import StartError
from sagecraft_emulator.settings import EmulatorSettings

from .process_start import start_of


@dataclass(frozen=True)
class EmulatorProcess:
    """A running emulator.

    Attributes:
        process_id: Its id.
        start: As `start_of` tells; tells it from a later process of the same id.
        port: Where it listens.
    """

    process_id: int
    start: str
    port: int

    def handle(self) -> psutil.Process | None:
        """The process, or None when it is over."""
        try:
            process = psutil.Process(self.process_id)
            same = start_of(self.process_id) == self.start
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class StateLock:
    """Holds a state directory for this process until `release`, or until the process ends in whatever way."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file = file
        self._path = path

    @classmethod
    def take(cls, settings: EmulatorSettings) -> "StateLock":
        """Makes the directory where it is missing, locks it, and writes who has it.

        Raises:
            StartError: It cannot be written, or another emulator has it.
        """
        path = settings.process_file
        try:
            settings.state_dir.mkdir(parents=True, exist_ok=True)
            file = path.open("a+")
        except OSError as error:
            raise StartError(
                f"The state directory {settings.state_dir} cannot be written: {error.strerror}. "
                "Give another one with --state-dir, or change its permissions."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StartError(
                f"The state directory {settings.state_dir} is in use by {_describe(read(settings))}. "
                "Stop that one, or give another directory with --state-dir."
            ) from None
        process = EmulatorProcess(os.getpid(), start_of(os.getpid()), settings.port)
        file.truncate(0)
        file.write(json.dumps(asdict(process)))
        file.flush()
        return cls(file, path)

    def release(self) -> None:
        """Lets go of the directory."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def read(settings: EmulatorSettings) -> EmulatorProcess | None:
    """The process that a state directory names, running or not; None when it names none."""
    try:
        members = json.loads(settings.process_file.read_text())
        return EmulatorProcess(members["process_id"], members["start"], members["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _describe(process: EmulatorProcess | None) -> str:
    if process is None:
        return "another emulator"
    return f"the emulator with process id {process.process_id} on port {process.port}"
