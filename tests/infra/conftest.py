"""The `sagecraft` command as a process, in a copy of a small project."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings

from tests.clients import client
from tests.prepared_process import PreparedProcess

PROJECTS = Path(__file__).parent / "projects"
COMMAND_SECONDS = 600
RUNNING = os.environ.get("SAGECRAFT_TEST_ENDPOINT_URL")
"""An emulator that runs already, where `tests/localstack/run.py` has the tests of apps work."""
OF_THE_SUITE = ("CDK_VALIDATION", "SAGECRAFT_NOTEBOOKS")
"""What `tests/conftest.py` sets for what it starts, too."""


@dataclass
class Project:
    """A copy of a project, with an emulator of its own that is not started yet."""

    directory: Path
    settings: EmulatorSettings

    @property
    def environment(self) -> dict[str, str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_", "SAGECRAFT_"))
        }
        running = {} if RUNNING is None else {"SAGECRAFT_ENDPOINT_URL": RUNNING}
        return {
            **clean,
            **running,
            "SAGECRAFT_PORT": str(self.settings.port if RUNNING is None else urlsplit(RUNNING).port),
            "SAGECRAFT_STATE_DIR": str(self.settings.state_dir),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "COLUMNS": "120",
            **{name: os.environ[name] for name in OF_THE_SUITE},
        }

    @contextmanager
    def started(self, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """The command while it runs; it is killed where the test fails before its end."""
        with subprocess.Popen(
            [str(Path(sys.executable).with_name("sagecraft")), *arguments],
            cwd=self.directory,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return _prepared_command().run(
            list(arguments),
            cwd=self.directory,
            env={**self.environment, **variables},
            stdin="" if stdin is None else stdin,
            timeout=COMMAND_SECONDS,
        )

    def json(self, *arguments: str, **variables: str) -> Any:
        done = self.run(*arguments, "--json", **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def client(self, service: str) -> Any:
        return client(service, RUNNING or self.settings.endpoint_url)


@cache
def _prepared_command() -> PreparedProcess:
    """That of this worker, started when it is wanted first."""
    command = PreparedProcess("tests.infra.prepared_command")
    atexit.register(command.close)
    return command


MakeProject = Callable[[str], Project]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeProject]:
    """Copies a project; its emulator is stopped at the end, if it still runs."""
    made: list[Project] = []

    def make(name: str) -> Project:
        place = tmp_path_factory.mktemp(name)
        shutil.copytree(PROJECTS / name, place / "project")
        project = Project(place / "project", EmulatorSettings(place / "state", free_port()))
        made.append(project)
        return project

    yield make
    for project in made:
        if RUNNING is not None:
            project.run("down")
        server.stop(project.settings)
