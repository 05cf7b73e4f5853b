"""Runs a command: its errors become messages and exit codes here, and nowhere else."""

import os
import signal
import sys
import traceback
from types import FrameType

import click
from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_infra.errors import InfraError, Interrupted

from .application import application
from .exit_codes import ExitCode, exit_code_of
from .output import note, write_error


def run(arguments: list[str]) -> ExitCode:
    """Runs the command of these arguments, and returns its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        application(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USER
    except (click.Abort, KeyboardInterrupt):
        note("Interrupted.")
        return ExitCode.INTERRUPTED
    except Interrupted as error:
        note(str(error))
        return exit_code_of(error)
    except InfraError as error:
        write_error(str(error))
        return exit_code_of(error)
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except (BotoCoreError, ClientError) as error:
        write_error(f"{type(error).__name__}: {error}")
        return ExitCode.USER
    except Exception:
        traceback.print_exc()
        note("This is a fault of Sagecraft. Please report it with the lines above.")
        return ExitCode.FAULT
    return ExitCode.OK


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ends a command that is asked to stop as Ctrl-C does, so that it says what stands."""
    raise KeyboardInterrupt
