"""The emulator's start time and memory, against its bare host (ministack without SageMaker)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from measure import Row, free_port, installed_environment, print_rows, side_by_side, wait_for

REPEATS = 5


def start(command: list[str], port: int, health: str, environment: dict[str, str]) -> tuple[float, int]:
    """Seconds until `health` answers, and the resident bytes of the process and its children then."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**installed_environment(), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}{health}", process)
        seconds = time.perf_counter() - begin
        parent = psutil.Process(process.pid)
        resident = sum(each.memory_info().rss for each in [parent, *parent.children(recursive=True)])
        return seconds, resident
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    resident: dict[str, int] = {}

    def emulator() -> float:
        port = free_port()
        with tempfile.TemporaryDirectory() as state:
            command = [sys.executable, "-m", "sagecraft_emulator", "--port", str(port), "--state-dir", state]
            seconds, resident["emulator"] = start(command, port, "/_sagecraft/health", {})
        return seconds

    def bare_host() -> float:
        port = free_port()
        environment = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1"}
        command = [str(Path(sys.executable).with_name("ministack"))]
        seconds, resident["bare"] = start(command, port, "/_ministack/health", environment)
        return seconds

    medians = side_by_side(REPEATS, bare=bare_host, emulator=emulator)
    print_rows(
        f"Emulator start (median of {REPEATS})",
        [
            Row("bare ministack: start", f"{medians['bare']:.2f} s"),
            Row("bare ministack: memory", f"{resident['bare'] / 2**20:.0f} MiB"),
            Row("emulator: start", f"{medians['emulator']:.2f} s", "<= 0.35 s"),
            Row("emulator: memory", f"{resident['emulator'] / 2**20:.0f} MiB"),
            Row("ratio, start", f"{medians['emulator'] / medians['bare']:.2f}"),
            Row("ratio, memory", f"{resident['emulator'] / resident['bare']:.2f}"),
        ],
    )


if __name__ == "__main__":
    main()
