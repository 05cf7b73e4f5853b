"""Runs a command: its errors become messages and exit codes here, and nowhere else."""

import signal
import traceback
from types import FrameType

import typer
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, EndpointConnectionError
from typer.exceptions import TyperException

from sagecraft_infra.errors import InfraError, Interrupted
from sagecraft_infra.terminal.output import note, write_error

from .application import application
from .exit_codes import ExitCode, exit_code_of


def run(arguments: list[str]) -> ExitCode:
    """Runs the command of these arguments, and returns its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        # Typer turns Ctrl-C into this value.
        ended = application(arguments or ["--help"], prog_name="sagecraft", standalone_mode=False)
    except TyperException as error:
        write_error(error.format_message())
        return ExitCode.USER
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except Interrupted as error:
        note(str(error))
        return exit_code_of(error)
    except InfraError as error:
        write_error(str(error))
        return exit_code_of(error)
    except (ConnectionClosedError, EndpointConnectionError) as error:
        url = error.kwargs["endpoint_url"]
        write_error(f"{url} no longer answers. If the emulator has ended there, go on by: sagecraft up")
        return ExitCode.USER
    except (BotoCoreError, ClientError) as error:
        write_error(f"{type(error).__name__}: {error}")
        return ExitCode.USER
    except Exception:
        traceback.print_exc()
        note("This is a fault of Sagecraft. Please report it with the lines above.")
        return ExitCode.FAULT
    if ended == ExitCode.INTERRUPTED:
        note("Interrupted.")
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ends a command that is asked to stop as Ctrl-C does, so that it says what stands."""
    raise KeyboardInterrupt
