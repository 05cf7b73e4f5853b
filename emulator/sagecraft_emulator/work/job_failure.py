"""Why a job failed, in the words of its `FailureReason`."""

from typing import Final

from sagecraft_emulator.errors import EmulatorError

from .job_record import FAILURE_CHARACTERS
from .logs import last_lines
from .sandbox import Sandbox, signal_of

_LAST_LINES: Final = 3


class JobFailed(EmulatorError):
    """The job cannot go on; the message becomes its `FailureReason`."""


def failure_reason(sandbox: Sandbox, exit_code: int, host: str | None = None) -> str:
    """AWS's form: the failure file, or what the log ends with when there is none, and the exit code.

    Args:
        sandbox: Of the container that failed.
        exit_code: The container's.
        host: The name to tell it by, when the job has several.
    """
    prefix, suffix = f"AlgorithmError: {'' if host is None else f'{host}: '}", f", exit code: {exit_code}"
    failure_file = sandbox.opt_ml / "output" / "failure"
    text = failure_file.read_text("utf-8", errors="replace").strip() if failure_file.is_file() else ""
    if not text:
        lines = last_lines(sandbox.log, _LAST_LINES)
        text = f"the last lines of its log are: {' | '.join(lines)}" if lines else "it wrote no log"
    if signal := signal_of(exit_code):
        text = f"the process was killed by signal {signal}; {text}"
    return f"{prefix}{text[: FAILURE_CHARACTERS - len(prefix) - len(suffix)]}{suffix}"
