"""A host for the work: S3, STS, Logs and CloudWatch of ministack in a process of its own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .serving import Loop
from .world import World

START_SECONDS = 30


@pytest.fixture(scope="session")
def host_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the host."""
    directory = tmp_path_factory.mktemp("host")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "TMPDIR": str(directory)}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, cwd=directory, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/_ministack/health", process, directory / "log")
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture
def world(host_url: str, tmp_path: Path) -> Iterator[World]:
    """An emulator's parts, but for its server."""
    made = World(host_url, tmp_path / "state")
    try:
        yield made
    finally:
        made.shutdown()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """An event loop, on which endpoints are invoked."""
    made = Loop()
    yield made
    made.close()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the host did not start: {log.read_text()}") from None
            time.sleep(0.05)
