"""The exceptions of this package.

InfraError
├── UserError          something that the user can put right: a wrong argument, a missing file, a taken port
├── WorkFailed         what was asked for was tried and failed: a deployment, a job, a container
└── Interrupted        the user pressed Ctrl-C
"""

from pathlib import Path


class InfraError(Exception):
    """The root; its text is meant for the user as it is."""


class UserError(InfraError):
    """The user can put it right; the message says how."""


class WorkFailed(InfraError):
    """A deployment, a job or a container failed.

    Args:
        message: What failed and why.
        log: Where the whole output is, if there is more of it.
    """

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message if log is None else f"{message}\nThe whole output is in {log}")
        self.log = log


class Interrupted(InfraError):
    """The user stopped a command; the message says what stands and how to go on."""
