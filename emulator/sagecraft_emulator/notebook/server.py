"""The JupyterLab of a notebook instance: a process in a sandbox that is started, asked if it answers, and watched."""

import http.client
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, namespaces_allowed, signal_of
from sagecraft_emulator.container.view import Guest, View
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.jobs.logs import LogShipper, last_lines
from sagecraft_emulator.pages.gate import Address
from sagecraft_emulator.state.store import Record, Store

from .boot import PORT
from .environment.steps import JUPYTER_LOG, Pace, Step
from .guest.layout import LOGS, VOLUME
from .place import Place
from .preparation import Preparation, prepare
from .volume import VolumeWatch

LOG_GROUP: Final = "/aws/sagemaker/NotebookInstances"
LOOPBACK: Final = "127.0.0.1"
STARTUP_SECONDS: Final = 8 * 60.0
STOP_GRACE_SECONDS: Final = 10.0
HEALTH_CHECK_SECONDS: Final = 10.0
SILENT_SECONDS: Final = 20.0
"""After so long without an answer it is not in service: one that computes may be late once."""
RETURN_SECONDS: Final = 90.0
"""Within which one that was in service has to answer again."""
_PLAN: Final = "plan.json"
_BOOT: Final = Path(__file__).with_name("boot.py")
_ASK_TIMEOUT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_WATCH_SECONDS: Final = 0.5
_READ_BYTES: Final = 65_536
_MOST_BYTES: Final = 1_000_000
_LAST_LINES: Final = 5


class ServerFailed(EmulatorError):
    """The instance does not come to run, or does no longer; the message becomes its `FailureReason`."""


class Cancelled(EmulatorError):
    """The instance is not needed any more while it starts."""


class NotebookServer:
    """A notebook instance that runs.

    Args:
        machine: What containers share.
        store: Where the records are.
        record: Of the instance.
        cancelled: Whether it is not to come up any more.
        pace: How long what is done first may take.
    """

    spoken: ClassVar[str] = "notebook instance"
    log_group: ClassVar[str] = LOG_GROUP
    root: ClassVar[Path] = VOLUME
    """Where it sees its volume, in which JupyterLab begins."""

    def __init__(
        self, machine: Machine, store: Store, record: Record, cancelled: Callable[[], bool], pace: Pace
    ) -> None:
        self.key = record.key
        self._machine, self._store, self._record = machine, store, record
        self._cancelled, self._pace = cancelled, pace
        self._place = self._find_place()
        self._token = secrets.token_hex(24)
        self._port: int | None = None
        self._is_ready = False
        self._ended: int | None = None
        self._steps: dict[str, Step] = {}
        self._done: dict[str, int | None] = {}
        self._read = 0
        self._process: SandboxedProcess | None = None
        self._volume: VolumeWatch | None = None
        self._shippers: list[LogShipper] = []
        self._stopping = threading.Event()

    @property
    def address(self) -> Address | None:
        """Where it answers; None while it does not."""
        return Address(self._port, self._token) if self._is_ready and self._port is not None else None

    def start(self) -> None:
        """Starts the process.

        Raises:
            EmulatorError: It cannot be started; the message is for the user.
        """
        if not namespaces_allowed():
            raise ServerFailed(
                f"A {self.spoken} runs in Linux namespaces, so that what runs in it cannot change this machine, and "
                "this machine does not allow them. Allow user namespaces (as root: sysctl -w "
                "kernel.unprivileged_userns_clone=1, or user.max_user_namespaces above 0), or start the emulator with "
                "--notebooks records."
            )
        self._place.make()
        prepared = self._prepare()
        self._steps = {step.name: step for step in prepared.steps}
        logs = {log: self._place.logs / log for log in [*(step.log for step in prepared.steps), JUPYTER_LOG]}
        for log, file in logs.items():
            file.touch()
            stream = f"{self._stream}/{log}"
            self._shippers.append(LogShipper(self._machine.clients, self.key, file, self.log_group, stream))
        # Each log by itself: nothing in the instance can put a link to a file of this machine in the place of one.
        seen = {f"{LOGS}/{log}": file for log, file in logs.items()}
        self._volume = self._watch_volume()
        given = {**prepared.given, str(self.root): self._place.volume, **self._volume.given, **seen}
        self._process = self._place.sandbox.start(
            boot(self._place.sandbox, self._plan(prepared)),
            prepared.environment,
            reads=prepared.reads,
            guest=Guest(self._place.changes, given),
            view=View.of(self._machine.state_dir, prepared.reads).without(prepared.given),
        )
        self._place.note(self._process)

    def wait_until_ready(self, seconds: float = STARTUP_SECONDS) -> None:
        """Waits until JupyterLab answers.

        Args:
            seconds: Within which it has to, once it runs.

        Raises:
            ServerFailed: It does not.
            Cancelled: It need not any more.
        """
        process = self._process
        assert process is not None  # noqa: S101 - start() came before
        deadline: float | None = None
        while self._port is None or not self._answers():
            if self._cancelled() or self._stopping.is_set():
                raise Cancelled("the instance is not needed any more")
            ended = process.wait(_POLL_SECONDS) is not None
            self._take_note()
            if ended:
                raise ServerFailed(self._why_ended())
            if self._port is not None:
                deadline = time.monotonic() + seconds if deadline is None else deadline
                if time.monotonic() > deadline:
                    raise ServerFailed(self._of_jupyter(f"has not answered within {seconds:g} seconds"))
        self._is_ready = True

    def wait_until_down(self) -> bool:
        """Waits until JupyterLab answers no longer, and is perhaps started again.

        Returns:
            False when it is stopped, or not needed any more.

        Raises:
            ServerFailed: All of it has ended by itself.
        """
        process = self._process
        assert process is not None  # noqa: S101 - start() came before
        answered = time.monotonic()
        next_check = answered + HEALTH_CHECK_SECONDS
        while not self._stopping.wait(_WATCH_SECONDS):
            ended = process.wait(0) is not None
            self._take_note()
            if ended:
                if self._stopping.is_set():
                    return False
                raise ServerFailed(self._why_ended())
            if self._volume is not None and (said := self._volume.look()) is not None:
                self._say(said)
            if time.monotonic() >= next_check:
                if self._answers():
                    answered = time.monotonic()
                elif time.monotonic() > answered + SILENT_SECONDS:
                    self._is_ready = False
                next_check = time.monotonic() + HEALTH_CHECK_SECONDS
            if not self._is_ready:
                return True
            if not self._is_needed():
                return False
        return False

    def stop(self, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """Ends it with all that runs in it, ships the rest of its logs, and removes all but its volume."""
        self._stopping.set()
        if self._process is not None:
            self._process.stop(grace_seconds)
        self._port, self._is_ready = None, False
        for shipper in self._shippers:
            shipper.close()
        self._shippers = []
        self._place.end()

    def _is_needed(self) -> bool:
        """Whether it is to run on; looked at as often as the process."""
        return True

    def _say(self, sentence: str) -> None:
        """Tells the user in the log of JupyterLab, where an explanation is looked for."""
        with (self._place.logs / JUPYTER_LOG).open("a", encoding="utf-8") as log:
            log.write(f"[sagecraft] {sentence}\n")

    @property
    def _stream(self) -> str:
        """What the names of its log streams begin with."""
        return self.key.name

    def _find_place(self) -> Place:
        return Place.of(self._machine.work_dir, self.key)

    def _prepare(self) -> Preparation:
        return prepare(self._machine, self._store, self._record, self._place, self._pace)

    def _watch_volume(self) -> VolumeWatch:
        size_gib = self._record.body["VolumeSizeInGB"]
        return VolumeWatch(self._place.volume, size_gib, self._place.running / "volume")

    def _plan(self, prepared: Preparation) -> dict[str, Any]:
        """What the first program of the instance is told."""
        environment = {**prepared.environment, "TMPDIR": "/tmp"}  # noqa: S108 - the sandbox's own
        server = [
            *prepared.server,
            f"--ServerApp.ip={LOOPBACK}",
            f"--ServerApp.port={PORT}",
            "--ServerApp.port_retries=0",
            "--ServerApp.open_browser=False",
            "--ServerApp.allow_root=True",
            # The front has looked at the host name, which is not that of this port.
            "--ServerApp.allow_remote_access=True",
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
            *prepared.arguments,
        ]
        return {
            "steps": [
                {
                    "name": step.name,
                    "command": list(step.command),
                    "environment": {**environment, **step.environment},
                    "directory": str(self.root),
                    "log": f"{LOGS}/{step.log}",
                    "seconds": step.seconds,
                }
                for step in prepared.steps
            ],
            "server": {
                "command": server,
                "environment": {**environment, "JUPYTER_TOKEN": self._token},
                "directory": str(prepared.directory or self.root),
                "log": f"{LOGS}/{JUPYTER_LOG}",
            },
        }

    def _take_note(self) -> None:
        """Reads what the first program has told since."""
        with self._place.sandbox.log.open("rb") as log:
            log.seek(self._read)
            told = log.read(_READ_BYTES)
        end = told.rfind(b"\n") + 1
        self._read += end
        for line in told[:end].splitlines():
            try:
                members = json.loads(line)
            except ValueError:
                continue  # of a launcher that could not make the sandbox
            match members:
                case {"step": str(name), "exit_code": int() | None as code}:
                    self._done[name] = code
                case {"port": int(port)}:
                    self._port, self._is_ready, self._ended = port, False, None
                case {"ended": int(code)}:
                    # Of Python's kind, which tells a signal by a number below 0.
                    self._port, self._is_ready, self._ended = None, False, code if code >= 0 else 128 - code

    def _answers(self) -> bool:
        return self._ask("/api/status") is not None

    def _ask(self, path: str) -> bytes | None:
        """What JupyterLab answers at a path, which it does not take for work; None where it does not."""
        if self._port is None:
            return None
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=_ASK_TIMEOUT_SECONDS)
        try:
            headers = {"Authorization": f"token {self._token}"}
            connection.request("GET", f"{path}?no_track_activity=1", headers=headers)
            response = connection.getresponse()
            return response.read(_MOST_BYTES) if response.status == http.client.OK else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _why_ended(self) -> str:
        for name, code in self._done.items():
            if code != 0 and name in self._steps:
                step = self._steps[name]
                [last_line] = last_lines(self._place.logs / step.log, 1) or ["It said nothing."]
                reason = step.failure if code is not None or step.too_long is None else step.too_long
                return reason.format(how=_how(code, step.seconds), last_line=last_line)
        if self._ended is not None:
            return self._of_jupyter(f"could not be kept running: at last it {_how(self._ended, 0)}")
        process = self._process
        assert process is not None  # noqa: S101 - it has ended
        told = " | ".join(last_lines(self._place.sandbox.log, _LAST_LINES))
        return f"The sandbox of the {self.spoken} {_how(process.exit_code(), 0)}. {told}".rstrip()

    def _of_jupyter(self, what: str) -> str:
        lines = last_lines(self._place.logs / JUPYTER_LOG, _LAST_LINES)
        told = f" Its last lines: {' | '.join(lines)}" if lines else ""
        return f"JupyterLab {what}. See the log stream {self._stream}/{JUPYTER_LOG} in {self.log_group}.{told}"


def boot(sandbox: Sandbox, plan: Mapping[str, Any]) -> list[str]:
    """The command by which an instance begins; the plan, in which its token is, is for nobody else to read."""
    file = sandbox.opt_ml / _PLAN
    file.touch(mode=0o600)
    file.write_text(json.dumps(plan), encoding="utf-8")
    return [sys.executable, "-I", "-S", str(_BOOT), f"/opt/ml/{_PLAN}"]


def _how(code: int | None, seconds: float) -> str:
    if code is None:
        return f"took longer than {seconds:g} seconds"
    name = signal_of(code) if code > 128 else None
    return f"ended with exit code {code}" if name is None else f"was killed by signal {name}"
