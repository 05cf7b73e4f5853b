"""A real emulator in its own process, clients to it, and the real CDK CLI against it."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.hosts.functions.node_sdk import node_binary
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.testing.emulator import RunningEmulator as SharedEmulator

from tests.clients import client
from tests.prepared_process import Fork, PreparedProcess

from .control_plane import ControlPlane
from .hosting.serving import Loop
from .world import World

EMULATOR = "sagecraft_emulator"
ACCOUNT, REGION = "000000000000", "us-east-1"
START_SECONDS = 60
STOP_SECONDS = 60
HOST_START_SECONDS = 30
CDK_SECONDS = 280
DEPLOY_ALL = ("--all", "--require-approval", "never")
APPS = Path(__file__).parent / "apps"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class RunningEmulator:
    """An emulator process of the tests."""

    settings: EmulatorSettings
    process: Fork | subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    module: str = EMULATOR

    @property
    def url(self) -> str:
        return self.settings.endpoint_url

    @property
    def credentials(self) -> dict[str, str]:
        """The environment of a process that speaks to it."""
        return {
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "sagecraft",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_S3": self.url,
        }

    def start(self) -> RunningEmulator:
        self.settings.state_dir.mkdir(parents=True, exist_ok=True)
        with self.settings.log_file.open("ab") as log:
            self.process = self._begin(log)
        deadline = time.monotonic() + START_SECONDS
        while server.health(self.settings) is None:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The emulator did not start: {self.settings.log_file.read_text()}")
            time.sleep(0.05)
        return self

    def _begin(self, log: IO[bytes]) -> Fork | subprocess.Popen[bytes]:
        environment = {**os.environ, **self.environment}
        if self.module == EMULATOR:
            return _prepared_emulator().start(self.settings.arguments, cwd=Path.cwd(), env=environment, output=log)
        return subprocess.Popen(
            [sys.executable, "-m", self.module, *self.settings.arguments], stdout=log, stderr=log, env=environment
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        self.process = None

    def client(self, service: str, region: str = REGION) -> Any:
        return client(service, self.url, region)

    def make_role(self, name: str = "work") -> str:
        """A role that the services may assume; its ARN, whether it was there or not."""
        services = [f"{service}.amazonaws.com" for service in ("sagemaker", "lambda", "states")]
        statement = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam = self.client("iam")
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        return f"arn:aws:iam::{ACCOUNT}:role/{name}"

    def get(self, path: str) -> dict[str, Any]:
        with urlopen(f"{self.url}/_sagecraft/{path}", timeout=10) as response:
            members: dict[str, Any] = json.loads(response.read())
            return members


@cache
def _prepared_emulator() -> PreparedProcess:
    """That of this worker, started when it is wanted first."""
    process = PreparedProcess("tests.emulator.prepared_emulator")
    atexit.register(process.close)
    return process


@dataclass
class Cdk:
    """The CDK CLI, pointed at an emulator."""

    emulator: RunningEmulator
    home: Path

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        node = node_binary()
        return {
            **clean,
            **self.emulator.credentials,
            "CDK_HOME": str(self.home),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "JSII_NODE": str(node),
            "PATH": os.pathsep.join([str(node.parent), str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    def command(self, *arguments: str) -> list[str]:
        cli = str(Path(sys.executable).with_name("cdk"))
        return [cli, *arguments, "--ci", "--no-notices", "--no-version-reporting"]

    def run(self, *arguments: str) -> str:
        """Runs the CLI and returns what it said."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.home,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=CDK_SECONDS,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def deploy(self, assembly: Path) -> str:
        return self.run("deploy", *DEPLOY_ALL, "--app", str(assembly))

    def destroy(self, assembly: Path) -> str:
        return self.run("destroy", "--all", "--force", "--app", str(assembly))


@pytest.fixture(scope="session")
def emulator(sagecraft_emulator: SharedEmulator) -> RunningEmulator:
    """One emulator for the whole run, that of `sagecraft_deploy`, with the role `work`."""
    running = RunningEmulator(sagecraft_emulator.settings)
    running.make_role()
    return running


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[RunningEmulator]:
    """An emulator of one test, which may kill it; it is not started yet."""
    running = RunningEmulator(EmulatorSettings(tmp_path / "state", free_port()))
    yield running
    running.stop()


@pytest.fixture
def control_plane(tmp_path: Path) -> Iterator[ControlPlane]:
    """SageMaker's control plane alone, in this process."""
    running = ControlPlane(tmp_path / "sagemaker.sqlite3")
    yield running
    running.close()


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
        _wait_for_host(f"{url}/_ministack/health", process, directory / "log")
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


def _wait_for_host(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + HOST_START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the host did not start: {log.read_text()}") from None
            time.sleep(0.05)
