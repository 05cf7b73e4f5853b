"""A notebook instance as the emulator starts one, with something quick in the place of JupyterLab."""

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagecraft_emulator.notebook.environment.steps import Pace
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.notebook.preparation import Preparation
from sagecraft_emulator.notebook.server import NotebookServer, ServerFailed
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.world import ACCOUNT, REGION, World

NAME, CONFIG = "titanic", "setup"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/{NAME}"
CONFIG_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance-lifecycle-config/{CONFIG}"
WAIT_SECONDS = 60
SERVING = "echo serving; sleep 600"


class QuickServer(NotebookServer):
    """Runs a line of the shell in the place of JupyterLab."""

    shell: str | None = SERVING

    def _plan(self, prepared: Preparation) -> dict[str, Any]:
        plan = super()._plan(prepared)
        if self.shell is not None:
            plan["server"]["command"] = ["/bin/bash", "-c", self.shell]
        return plan


class Instance:
    """One notebook instance.

    Args:
        world: Where it is.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.key = RecordKey("NotebookInstance", ACCOUNT, REGION, NAME)
        self.place = Place.of(world.machine.work_dir, self.key)
        self.server: QuickServer | None = None
        self.add("NotebookInstance", NAME, {"RoleArn": ROLE, "RootAccess": "Enabled", "VolumeSizeInGB": 5}, "Pending")

    @property
    def volume(self) -> Path:
        return self.place.volume

    def add(self, kind: str, name: str, body: dict[str, Any], status: str | None = None) -> Record:
        arns = {"NotebookInstance": ARN, "NotebookInstanceLifecycleConfig": CONFIG_ARN}
        key = RecordKey(kind, ACCOUNT, REGION, name)
        return self._world.store.create(key, arn=arns.get(kind, f"arn:{kind}/{name}"), body=body, status=status)

    def change(self, **body: Any) -> None:
        self._world.store.update(self.key, body=body)

    def scripts(self, **texts: str) -> None:
        """Gives it a lifecycle configuration."""
        body = {hook: [{"Content": base64.b64encode(text.encode()).decode()}] for hook, text in texts.items()}
        self.add("NotebookInstanceLifecycleConfig", CONFIG, body)
        self.change(NotebookInstanceLifecycleConfigName=CONFIG)

    def start(self, shell: str | None = SERVING, **pace: float) -> None:
        record = self._world.store.get(self.key)
        self.server = QuickServer(self._world.machine, self._world.store, record, lambda: False, Pace(**pace))
        self.server.shell = shell
        self.server.start()

    def fails(self) -> str:
        """Why its start fails."""
        assert self.server is not None
        try:
            self.server.wait_until_ready()
        except ServerFailed as failure:
            return str(failure)
        raise AssertionError("it came into service")

    def log(self, name: str = "jupyter.log") -> str:
        return (self.place.logs / name).read_text()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Waits until something is so, while the instance runs."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            told = self.place.sandbox.log.read_text()
            assert '"exit_code": 1' not in told, self.fails()
            assert time.monotonic() < deadline, f"{told} {self.log()}"
            time.sleep(0.02)

    def wait_until_served(self) -> None:
        self.wait_for(lambda: "serving" in self.log())

    def shipped(self, stream: str) -> list[str]:
        """What is in a log stream, once the instance has stopped, behind what others of its name have written."""
        logs = self._world.clients.logs(ACCOUNT, REGION)
        group = "/aws/sagemaker/NotebookInstances"
        events = logs.get_log_events(logGroupName=group, logStreamName=f"{NAME}/{stream}", startFromHead=True)["events"]
        return [event["message"] for event in events]

    def stop(self) -> None:
        assert self.server is not None
        self.server.stop()


def is_gone(command: str) -> bool:
    """Whether no process of this machine is left with a command."""
    words = command.replace(" ", "\0").encode()
    return not any(words in _command(each) for each in Path("/proc").glob("[0-9]*"))


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
