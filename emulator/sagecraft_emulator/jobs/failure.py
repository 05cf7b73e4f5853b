"""Why a job failed, in the words of its `FailureReason`."""

from pathlib import Path
from typing import Final

from sagecraft_containers.contract import CLIENT_ERROR

from sagecraft_emulator.container.sandbox import Sandbox, signal_of

from .logs import last_lines
from .record import FAILURE_CHARACTERS

_LAST_LINES: Final = 3
_MOST_BYTES: Final = 4
"""Of a character in UTF-8."""


def beginning(file: Path) -> str:
    """What a file that a program may have written begins with, as far as a record keeps it; empty without a file."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(_MOST_BYTES * FAILURE_CHARACTERS).decode("utf-8", errors="replace")[:FAILURE_CHARACTERS]


def failure_reason(sandbox: Sandbox, exit_code: int, host: str | None = None, *, of_aws: bool = False) -> str:
    """AWS's form: the failure file, or what the log ends with when there is none, and the exit code.

    Args:
        sandbox: Of the container that failed.
        exit_code: The container's.
        host: The name to tell it by, when the job has several.
        of_aws: Whether the program is one of AWS's own, whose failure file may say that the job is at fault.
    """
    text = beginning(sandbox.opt_ml / "output" / "failure").strip()
    kind = CLIENT_ERROR if of_aws and text.startswith(CLIENT_ERROR) else "AlgorithmError: "
    text = text.removeprefix(kind)
    prefix, suffix = f"{kind}{'' if host is None else f'{host}: '}", f", exit code: {exit_code}"
    if not text:
        lines = last_lines(sandbox.log, _LAST_LINES)
        text = f"the last lines of its log are: {' | '.join(lines)}" if lines else "it wrote no log"
    if signal := signal_of(exit_code):
        text = f"the process was killed by signal {signal}; {text}"
    return f"{prefix}{text[: FAILURE_CHARACTERS - len(prefix) - len(suffix)]}{suffix}"
