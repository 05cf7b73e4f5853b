"""Where a notebook instance is on this machine: its volume, and what is only there while it runs."""

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sagecraft_emulator.container.remove import remove_tree
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, kill_tree
from sagecraft_emulator.state.store import RecordKey


@dataclass(frozen=True)
class Place:
    """The directories of one notebook instance.

    Attributes:
        directory: Holds all of them.
    """

    directory: Path

    @classmethod
    def of(cls, work_dir: Path, key: RecordKey) -> "Place":
        """Where an instance is.

        Args:
            work_dir: Of the emulator.
            key: The instance.
        """
        return cls(places(work_dir) / f"{key.account}-{key.region}-{key.name}")

    @property
    def volume(self) -> Path:
        """What the instance sees as `~/SageMaker`."""
        return self.directory / "volume"

    @property
    def running(self) -> Path:
        """Holds what is removed when the instance stops."""
        return self.directory / "running"

    @property
    def logs(self) -> Path:
        """What the instance sees as `/var/log`."""
        return self.running / "logs"

    @property
    def changes(self) -> Path:
        """What the instance has written to the directories of the system, its home among them."""
        return self.running / "changes"

    @property
    def sandbox(self) -> Sandbox:
        """What it runs in."""
        return Sandbox(self.running / "sandbox", "notebook")

    @property
    def _process_file(self) -> Path:
        return self.directory / "process.json"

    def make(self) -> None:
        """Makes what is not there, and all that does not last anew."""
        self.end()
        self.volume.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True)
        self.changes.mkdir()
        sandbox = self.sandbox
        sandbox.make()
        for contract in sandbox.opt_ml.iterdir():  # a job's; an instance has its metadata there
            shutil.rmtree(contract)

    def note(self, process: SandboxedProcess) -> None:
        """Writes down which process runs, for an emulator that comes after this one was killed."""
        self._process_file.write_text(json.dumps({"pid": process.pid, "start": process.start}), encoding="utf-8")

    def end(self) -> None:
        """Ends what an emulator that was killed has left running, and removes what does not last."""
        with suppress(OSError, ValueError, KeyError):
            noted = json.loads(self._process_file.read_text("utf-8"))
            kill_tree(noted["pid"], noted["start"])
        self._process_file.unlink(missing_ok=True)
        remove_tree(self.running)

    def remove(self) -> None:
        """Removes all of it."""
        self.end()
        remove_tree(self.directory)


def places(work_dir: Path) -> Path:
    """Where all notebook instances are."""
    return work_dir / "notebooks"
