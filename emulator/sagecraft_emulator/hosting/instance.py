"""One instance of a production variant: a serving process that is started, asked if it is ready, and started again."""

import http.client
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sagecraft_emulator.container.container import Command, Machine
from sagecraft_emulator.container.http_connection import ConnectionPool
from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.container.removal import removal
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, kill_tree, signal_of
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.jobs.logs import LogShipper, last_lines
from sagecraft_emulator.state.store import RecordKey

from .route import InstanceRoute

logger = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
HOST_NAME: Final = "primary"
PING_TIMEOUT_SECONDS: Final = 2.0
PING_EVERY_SECONDS: Final = 0.05
STOP_GRACE_SECONDS: Final = 30.0
DRAIN_SECONDS: Final = 65.0
FIRST_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 60.0
STEADY_SECONDS: Final = 60.0
HEALTH_CHECK_SECONDS: Final = 10.0
HUNG_SECONDS: Final = 90.0
"""A container that answers neither `/ping` nor an invocation for so long, more than an invocation may take, is hung."""
LAST_LINES: Final = 5
_SETTLE_SECONDS: Final = 0.2
_PROCESS_FILE: Final = "process.json"
_SPOKEN: Final = {"Endpoint": "endpoint", "TransformJob": "transform job"}


class InstanceFailed(EmulatorError):
    """The container does not come to answer `/ping`; the message becomes a `FailureReason`."""


class Cancelled(EmulatorError):
    """The endpoint is deleted, or the emulator ends, while the container starts."""


@dataclass(frozen=True)
class ServingProgram:
    """What an instance runs.

    Attributes:
        key: The endpoint, or the transform job.
        subject: What its container is for, in messages: `production variant AllTraffic`.
        log_group: Where its log goes.
        log_stream: Makes the name of its log's stream from the instance's id.
        program: The local program of the image.
        command: Its command to serve.
        environment: Makes its environment, but for the port; called at each start, because credentials expire.
        startup_seconds: How long it may take until it answers `/ping`.
    """

    key: RecordKey
    subject: str
    log_group: str
    log_stream: Callable[[str], str]
    program: LocalProgram
    command: tuple[str, ...]
    environment: Callable[[], Mapping[str, str]]
    startup_seconds: float


class HostedInstance:
    """A serving process.

    Args:
        machine: What containers share.
        serving: What it runs.
        directory: Of the endpoint; the instance makes its own below.
        cancelled: Set when the container is not to come up any more.
    """

    def __init__(
        self, machine: Machine, serving: ServingProgram, directory: Path, cancelled: Callable[[], bool]
    ) -> None:
        self.route = InstanceRoute(f"i-{secrets.token_hex(8)}1")
        self._machine, self._serving, self._cancelled = machine, serving, cancelled
        self._sandbox = Sandbox(directory / self.route.instance_id, HOST_NAME)
        self._sandbox.make()
        self._process: SandboxedProcess | None = None
        self._port = 0
        self._answered = self._next_check = 0.0
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name=self.route.instance_id, daemon=True)
        self._shipper: LogShipper | None = None

    @property
    def model_directory(self) -> Path:
        """What the container sees as `/opt/ml/model`."""
        return self._sandbox.opt_ml / "model"

    @property
    def port(self) -> int:
        """Where the container listens, once it was started."""
        return self._port

    def ended(self) -> str | None:
        """How the container's process ended, or None while it runs."""
        code = None if self._process is None else self._process.exit_code()
        return None if code is None else _how_it_ended(code)

    @property
    def process(self) -> dict[str, int | str]:
        """What names the process, for a record."""
        assert self._process is not None  # noqa: S101 - start() came before
        return {"pid": self._process.pid, "start": self._process.start}

    @property
    def pid(self) -> int | None:
        """The process id on this machine of the container's outermost process, or None before the first start."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Starts the process; its model data is in place.

        Raises:
            EmulatorError: It cannot be started; the message is for the user.
        """
        serving = self._serving
        if self._shipper is None:
            stream = serving.log_stream(self.route.instance_id)
            log = self._sandbox.log
            self._shipper = LogShipper(self._machine.clients, serving.key, log, serving.log_group, stream)
        self._port = _free_port()
        environment = {
            **serving.environment(),
            "SAGEMAKER_BIND_HOST": LOOPBACK,
            "SAGEMAKER_BIND_TO_PORT": str(self._port),
        }
        process = self._machine.start(
            self._sandbox,
            serving.program,
            Command(serving.command),
            environment,
            self._sandbox.directory.name,
        )
        self._process = process
        running = {"pid": process.pid, "start": process.start}
        (self._sandbox.directory / _PROCESS_FILE).write_text(json.dumps(running), encoding="utf-8")

    def wait_until_ready(self) -> None:
        """Waits until the container answers `/ping` with 200, and lets requests in.

        Raises:
            InstanceFailed: It ended, or has not answered in time.
            Cancelled: It need not any more.
        """
        process = self._process
        assert process is not None  # noqa: S101 - start() came before
        deadline = time.monotonic() + self._serving.startup_seconds
        while not self._answers_ping():
            if self._cancelled() or self._stopping.is_set():
                raise Cancelled("the container is not needed any more")
            if (exit_code := process.wait(PING_EVERY_SECONDS)) is not None:
                raise InstanceFailed(self._failed_ping(f"its process {_how_it_ended(exit_code)}"))
            if time.monotonic() > deadline:
                raise InstanceFailed(
                    self._failed_ping(f"it has not answered within {self._serving.startup_seconds:g} seconds")
                )
        self._answered = time.monotonic()
        self.route.pool = ConnectionPool(LOOPBACK, self._port)

    def keep_running(self) -> None:
        """Starts the process again whenever it ends, from now on."""
        self._supervisor.start()

    def drain(self) -> None:
        """Waits until the requests in flight are answered; no new ones come in any more."""
        time.sleep(_SETTLE_SECONDS)  # for a request that had chosen this instance, but is not counted yet
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.route.in_flight and time.monotonic() < deadline:
            time.sleep(PING_EVERY_SECONDS)

    def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Ends the process with all that it started, ships the rest of its log, and removes its directory."""
        self._stopping.set()
        self.route.pool = None
        process = self._process
        if process is not None:
            process.stop(grace_seconds)
        if self._supervisor.is_alive():
            self._supervisor.join()
            if self._process is not None and self._process is not process:
                self._process.kill()
        if self._shipper is not None:
            self._shipper.close()
        self._sandbox.remove()

    def _supervise(self) -> None:
        backoff_seconds = FIRST_BACKOFF_SECONDS
        while not self._stopping.is_set():
            process = self._process
            assert process is not None  # noqa: S101 - start() came before
            exit_code = process.wait(1.0)
            if self._stopping.is_set() or (exit_code is None and not self._hangs()):
                continue
            self.route.pool = None
            process.kill()
            if time.time() - process.started > STEADY_SECONDS:
                backoff_seconds = FIRST_BACKOFF_SECONDS
            why = f"answered nothing for {HUNG_SECONDS:g} s" if exit_code is None else _how_it_ended(exit_code)
            self._say(f"The container {why}; it is started again in {backoff_seconds:g} s.")
            if self._stopping.wait(backoff_seconds):
                return
            backoff_seconds = min(2 * backoff_seconds, MAX_BACKOFF_SECONDS)
            self._start_again()

    def _hangs(self) -> bool:
        """Whether the container has answered nothing for too long; asks it from time to time."""
        now = time.monotonic()
        if now < self._next_check:
            return False
        self._next_check = now + HEALTH_CHECK_SECONDS
        if self._answers_ping():
            self._answered = time.monotonic()
        return time.monotonic() > max(self._answered, self.route.answered) + HUNG_SECONDS

    def _start_again(self) -> None:
        try:
            self.start()
            self.wait_until_ready()
        except Cancelled:
            return
        except (EmulatorError, OSError) as error:
            self._say(f"The container could not be started again: {error}")
            if self._process is not None:
                self._process.kill()

    def _say(self, sentence: str) -> None:
        """Tells the user in the container's log, where an explanation is looked for, and ours."""
        logger.warning(
            "%s %s, %s: %s", self._serving.key.kind, self._serving.key.name, self.route.instance_id, sentence
        )
        with self._sandbox.log.open("a", encoding="utf-8") as log:
            log.write(f"[sagecraft] {sentence}\n")

    def _answers_ping(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=PING_TIMEOUT_SECONDS)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _failed_ping(self, why: str) -> str:
        lines = last_lines(self._sandbox.log, LAST_LINES)
        return (
            f"The primary container for {self._serving.subject} did not pass the ping health "
            f"check: {why}. Please check CloudWatch logs for this {_SPOKEN[self._serving.key.kind]}. "
            + (f"Its last lines: {' | '.join(lines)}" if lines else "It wrote no log.")
        )


def end_leftovers(directory: Path) -> None:
    """Ends the processes of an emulator that was killed, and removes their directories."""
    for parent, _, names in os.walk(directory):  # what is removed meanwhile is no error to it
        if _PROCESS_FILE in names:
            with suppress(OSError, ValueError, KeyError):
                running = json.loads(Path(parent, _PROCESS_FILE).read_text("utf-8"))
                kill_tree(running["pid"], running["start"])
    removal.remove(directory)


def _how_it_ended(exit_code: int) -> str:
    name = signal_of(exit_code) if exit_code > 128 else None
    return f"ended with exit code {exit_code}" if name is None else f"was killed by signal {name}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
