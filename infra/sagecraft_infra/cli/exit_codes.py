"""The exit codes of the command, and which error ends with which."""

from enum import IntEnum

from sagecraft_infra.errors import InfraError, Interrupted, UserError, WorkFailed


class ExitCode(IntEnum):
    """What a shell gets back."""

    OK = 0
    FAULT = 1
    USER = 2
    FAILED = 3
    INTERRUPTED = 130


MEANINGS = (
    "Exit codes: 0 all went well · 1 a fault of Sagecraft itself · 2 something you can put right: an argument, "
    "a file, a taken port · 3 the work failed: a deployment, a job, a container · 130 interrupted"
)


def exit_code_of(error: BaseException) -> ExitCode:
    """The code that a command ends with after an error."""
    match error:
        case Interrupted() | KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case UserError():
            return ExitCode.USER
        case WorkFailed():
            return ExitCode.FAILED
        case InfraError() | _:
            return ExitCode.FAULT
