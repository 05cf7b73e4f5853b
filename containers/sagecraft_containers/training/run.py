"""Runs a training program under the contract: its exit code, its failure file, and being told to stop."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType

from sagecraft_containers.contract import EXIT_INTERNAL_ERROR, EXIT_SUCCESS, ContainerPaths
from sagecraft_containers.errors import UserError


class StopRequest:
    """SIGTERM, by which SageMaker asks a job to stop; it kills the process 120 seconds later.

    Attributes:
        received: Whether the signal came. A program that can end early by itself sets `deferred` while it does so, and
            looks at this.
        deferred: While true the signal is only noted; else it ends the program at once.
        pass_on: Where the program has begun another one: passes the signal on to it, which is to end by itself.
    """

    def __init__(self) -> None:
        self.received = False
        self.deferred = False
        self.pass_on: Callable[[], None] | None = None
        signal.signal(signal.SIGTERM, self._note)

    def note_aside(self) -> None:
        """From now on a thread of its own notes the signal: it would break the calls off in which the others wait."""
        self.deferred = True
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        threading.Thread(target=self._wait, name="stop-request", daemon=True).start()

    def _wait(self) -> None:
        signal.sigwait({signal.SIGTERM})
        self.received = True

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True
        if self.pass_on is not None:
            self.pass_on()
        elif not self.deferred:
            raise StoppedEarly


class StoppedEarly(BaseException):
    """The job was told to stop when there was nothing yet to save."""


def run_training(program: Callable[[ContainerPaths, StopRequest], None]) -> int:
    """Runs a training program; on an error writes the reason that the user is shown.

    A user's error leaves its message alone in the failure file. Any other error leaves a sentence that names it, and
    its traceback goes to the log.

    Returns:
        The exit code of the process.
    """
    paths = ContainerPaths.from_environment()
    try:
        program(paths, StopRequest())
    except UserError as error:
        _fail(paths, str(error), error)
        return error.exit_code
    except StoppedEarly:
        print("Stopped before training began; there is no model.", flush=True)
        return EXIT_SUCCESS
    except Exception as error:
        traceback.print_exc()
        _fail(paths, f"The training container failed, not your job's definition: {type(error).__name__}: {error}")
        return EXIT_INTERNAL_ERROR
    return EXIT_SUCCESS


def fail_at_once(paths: ContainerPaths, error: UserError) -> None:
    """Ends the process as `run_training` does on a user's error, from any thread and whatever the others wait for."""
    _fail(paths, str(error), error)
    os._exit(error.exit_code)


def _fail(paths: ContainerPaths, message: str, kind: type[UserError] | UserError = UserError) -> None:
    print(f"{kind.told_as}: {message}", file=sys.stderr, flush=True)
    paths.failure_file.parent.mkdir(parents=True, exist_ok=True)
    paths.failure_file.write_text(f"{kind.failure_prefix}{message}", encoding="utf-8")
