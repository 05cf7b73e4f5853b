"""What a notebook instance is given before it starts: its Python, its identity, and what is done first in it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.state.store import Record

from .place import HOME, Place

JUPYTER_LOG: Final = "jupyter.log"


class PreparationFailed(EmulatorError):
    """An instance that cannot start; the message becomes its `FailureReason`."""


@dataclass(frozen=True)
class Step:
    """A program that runs in an instance, and ends, before its JupyterLab starts. What it leaves running goes on.

    Attributes:
        name: Unlike that of any other step.
        command: The program and its arguments.
        log: The file below `/var/log` that its output goes to; also the end of its log stream's name.
        seconds: How long it may take.
        failure: The instance's `FailureReason` when it fails; `{how}` stands for how it did.
        environment: What it has besides the environment of the instance.
    """

    name: str
    command: Sequence[str]
    log: str
    seconds: float
    failure: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preparation:
    """What an instance is given.

    Attributes:
        python: An interpreter that has JupyterLab.
        environment: The environment of everything that runs in the instance.
        steps: What is done first, in this order.
        arguments: What JupyterLab is told besides.
        given: Files and directories of this machine that the instance sees, and may change, by the path there.
        reads: Directories of this machine that it reads, if they are below `/tmp`.
    """

    python: Path
    environment: Mapping[str, str]
    steps: Sequence[Step] = ()
    arguments: Sequence[str] = ()
    given: Mapping[str, Path] = field(default_factory=dict)
    reads: Sequence[Path] = ()


def prepare(machine: Machine, record: Record, place: Place) -> Preparation:
    """Prepares an instance that is to start.

    Args:
        machine: What containers share.
        record: Of the instance; `_Created` in its body tells that it has been in service before.
        place: Its directories, made.

    Raises:
        EmulatorError: It cannot start; the message is for the user.
    """
    del place
    python = os.environ.get("SAGECRAFT_JUPYTER_PYTHON")
    if python is None:
        raise PreparationFailed("JupyterLab is not installed.")
    environment = {
        **machine.environment(record.key, record.body["RoleArn"]),
        "HOME": HOME,
        "USER": "ec2-user",
        "SHELL": "/bin/bash",
    }
    return Preparation(Path(python), environment, reads=[Path(python).parent.parent])
