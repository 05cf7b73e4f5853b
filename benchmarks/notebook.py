"""The start of a notebook instance, to ready, and its memory, against a bare JupyterLab of the same packages."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from measure import (
    ACCOUNT,
    REGION,
    Emulator,
    Row,
    emulator,
    execution_role,
    free_port,
    print_rows,
    side_by_side,
    wait_for,
)
from sagecraft_emulator.container.python.notebook_packages import SdkVersion, jupyter_environment, kernel_environment
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.state.store import RecordKey

REPEATS = 5
NAME = "benchmark"
POLL_SECONDS = 0.02
SETTLED_SECONDS = 4.0


def proportional(pid: int) -> float:
    """MiB of a process and all that it has started, once what JupyterLab asks for its language servers has ended.

    Memory that processes share counts as a part of each.
    """
    process, deadline = psutil.Process(pid), time.monotonic() + SETTLED_SECONDS
    seen = []
    while time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess):
            seen.append(sum(each.memory_full_info().pss for each in [process, *process.children(recursive=True)]))
        time.sleep(POLL_SECONDS)
    return min(seen) / 2**20


class Notebooks:
    """Starts one and the other.

    Args:
        host: An emulator.
        state_dir: Of it.
    """

    def __init__(self, host: Emulator, state_dir: Path) -> None:
        self._sagemaker = host.client("sagemaker")
        self._role = execution_role(host)
        self._place = Place.of(state_dir / "work", RecordKey("NotebookInstance", ACCOUNT, REGION, NAME))
        self.memory: dict[str, float] = {}

    def bare(self) -> float:
        """Seconds until a bare JupyterLab answers."""
        port = free_port()
        with tempfile.TemporaryDirectory() as home:
            command = [str(jupyter_environment(print).python), "-m", "jupyterlab", "--allow-root", f"--port={port}"]
            options = [
                "--no-browser",
                "--ServerApp.token=",
                f"--ServerApp.root_dir={home}",
                "--ServerApp.port_retries=0",
            ]
            begin = time.perf_counter()
            process = subprocess.Popen(
                [*command, *options],
                env={**os.environ, "HOME": home},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                wait_for(f"http://127.0.0.1:{port}/api/status", process)
                seconds = time.perf_counter() - begin
                self.memory["bare"] = proportional(process.pid)
            finally:
                process.kill()
                process.wait()
        return seconds

    def instance(self) -> float:
        """Seconds until a notebook instance is in service."""
        begin = time.perf_counter()
        self._sagemaker.create_notebook_instance(
            NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=self._role
        )
        self._wait("InService")
        seconds = time.perf_counter() - begin
        noted = json.loads((self._place.directory / "process.json").read_text())
        self.memory["instance"] = proportional(noted["pid"])
        self._sagemaker.stop_notebook_instance(NotebookInstanceName=NAME)
        self._wait("Stopped")
        self._sagemaker.delete_notebook_instance(NotebookInstanceName=NAME)
        while self._sagemaker.list_notebook_instances()["NotebookInstances"]:
            time.sleep(POLL_SECONDS)
        return seconds

    def _wait(self, status: str) -> None:
        while True:
            view = self._sagemaker.describe_notebook_instance(NotebookInstanceName=NAME)
            if view["NotebookInstanceStatus"] == status:
                return
            if view["NotebookInstanceStatus"] == "Failed":
                raise RuntimeError(view["FailureReason"])
            time.sleep(POLL_SECONDS)


def main() -> None:
    kernel_environment(SdkVersion.V2, print)  # as each but the first start finds it
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch) / "state"
        with emulator(state, "--notebooks", "open") as host:
            notebooks = Notebooks(host, state)
            medians = side_by_side(REPEATS, bare=notebooks.bare, instance=notebooks.instance)
    memory = notebooks.memory
    print_rows(
        f"A notebook instance, to ready (median of {REPEATS})",
        [
            Row("bare JupyterLab: start", f"{medians['bare']:.2f} s"),
            Row("bare JupyterLab: memory", f"{memory['bare']:.0f} MiB"),
            Row("notebook instance: start", f"{medians['instance']:.2f} s"),
            Row("notebook instance: memory", f"{memory['instance']:.0f} MiB"),
            Row("ratio of the starts", f"{medians['instance'] / medians['bare']:.2f}", "<= 1.3"),
            Row("memory above the bare one", f"{memory['instance'] - memory['bare']:.0f} MiB", "<= 30 MiB"),
        ],
    )


if __name__ == "__main__":
    main()
