"""Runs the CDK CLI as a child, and says what went wrong in its app or in the stacks."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sagecraft_infra.errors import InfraError, UserError, WorkFailed
from sagecraft_infra.target import Target
from sagecraft_infra.toolchain import cdk_command

POLL_SECONDS: Final = 0.3
_REST_FACTOR: Final = 3.0
"""How much longer than a look at the stacks it is left alone afterwards: many stacks have long lists of events."""
_PATIENCE_SECONDS: Final = 10
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_LINES_SHOWN: Final = 15


def run_cdk(target: Target, *arguments: str, meanwhile: Callable[[], None] | None = None) -> None:
    """Runs the CDK CLI in the project; what it writes goes to the project's log.

    Args:
        target: Where it works.
        *arguments: The command and its options.
        meanwhile: Called again and again until it is done. Left out, nothing is.

    Raises:
        UserError: The app cannot be synthesized.
        WorkFailed: The CLI failed otherwise.
        KeyboardInterrupt: The CLI has been stopped as well.
    """
    log = target.project.cdk_log
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                cdk_command(*arguments, "--no-color", "--no-notices"),
                cwd=target.project.directory,
                env=target.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise UserError(f"{log} cannot be written: {error.strerror}. Choose another place with --state-dir.") from error
    try:
        while process.poll() is None:
            began = time.monotonic()
            if meanwhile is not None:
                meanwhile()
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(POLL_SECONDS, (time.monotonic() - began) * _REST_FACTOR))
    finally:
        _stop(process)
    if process.returncode != 0:
        raise _failure(arguments[0], log)


def run_cdk_in_terminal(target: Target, *arguments: str) -> None:
    """Runs the CDK CLI in the user's terminal, where it asks for approval.

    Raises:
        WorkFailed: The CLI failed, or the user did not approve.
    """
    done = subprocess.run(cdk_command(*arguments), cwd=target.project.directory, env=target.environment, check=False)
    if done.returncode != 0:
        raise WorkFailed(f"cdk {arguments[0]} ended with exit code {done.returncode}; its reason stands above.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stops what is left of the CLI and its children."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _failure(command: str, log: Path) -> InfraError:
    lines = [line.rstrip() for line in _COLOURS.sub("", log.read_text(errors="replace")).splitlines()]
    told = [line for line in lines if "❌" in line or line.startswith("Error:") or " error: " in line.lower()]
    reason = "\n".join(told or lines[-_LINES_SHOWN:])
    if command == "synth":
        raised = exception_of(lines)
        reason = reason if raised is None else raised
        return UserError(f"The app cannot be synthesized.\n{reason}\nThe whole output is in {log}")
    return WorkFailed(f"cdk {command} failed.\n{reason}", log=log)


def exception_of(lines: Sequence[str]) -> str | None:
    """The message of the exception that ended a Python app, without its traceback.

    Args:
        lines: What the CDK CLI and the app wrote.

    Returns:
        `None` where no traceback is among the lines.
    """
    starts = [number for number, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    if not starts:
        return None
    message: list[str] = []
    for line in lines[starts[-1] + 1 :]:
        if line.startswith("Subprocess exited") or "Subprocess exited with error" in line:
            break
        if message or (line and not line.startswith(" ")):
            message.append(line)
    return "\n".join(message).strip() or None
