"""The idle stop as it runs on a notebook instance: the installer and its program, against a real HTTP server."""

import ast
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sagecraft_constructs.notebook import scripts
from sagecraft_constructs.notebook.lifecycle_config import _idle_stop_script

PROGRAM = Path(scripts.__file__).parent / "idle_check.py"
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:notebook-instance/titanic"
HOUR = 3600


def ago(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - seconds))


@dataclass
class Jupyter:
    """What a Jupyter server answers by path, and what it was asked."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {"/api/kernels": [], "/api/terminals": [], "/api/sessions": []}
    )
    token: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def jupyter() -> Iterator[Jupyter]:
    fake = Jupyter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            if fake.token and self.headers["Authorization"] != f"token {fake.token}":
                self.send_error(403)
                return
            path = urlsplit(self.path).path
            if path not in fake.answers:
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(fake.answers[path]).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


class Instance:
    """A directory laid out as a notebook instance, with an `aws` command that notes what it was told."""

    def __init__(self, directory: Path, jupyter: Jupyter) -> None:
        self.jupyter = jupyter
        self.metadata = directory / "resource-metadata.json"
        self.metadata.write_text(json.dumps({"ResourceArn": ARN, "ResourceName": "titanic"}))
        self.runtime = directory / "runtime"
        self.runtime.mkdir()
        self.state = directory / "state"
        self.started(2 * HOUR)
        self.commands = directory / "bin"
        self.commands.mkdir()
        self.told = directory / "told"
        self.aws("exit 0")

    def aws(self, ending: str) -> None:
        aws = self.commands / "aws"
        aws.write_text(f'#!/bin/sh\necho "$@" >>{self.told}\n{ending}\n')
        aws.chmod(0o755)

    def started(self, seconds_ago: float) -> None:
        self.state.touch()
        os.utime(self.state, (time.time() - seconds_ago,) * 2)

    def check(self, *options: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROGRAM), "--idle-seconds", str(HOUR), "--state", str(self.state)]
        command += ["--metadata", str(self.metadata), "--runtime", str(self.runtime)]
        command += ["--jupyter", self.jupyter.url if url is None else url, *options]
        environment = {**os.environ, "PATH": f"{self.commands}:{os.environ['PATH']}", "PYTHONWARNINGS": "error"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    @property
    def stops(self) -> list[str]:
        return self.told.read_text().splitlines() if self.told.exists() else []


@pytest.fixture
def instance(tmp_path: Path, jupyter: Jupyter) -> Instance:
    return Instance(tmp_path, jupyter)


STOP = "sagemaker stop-notebook-instance --notebook-instance-name titanic --region eu-west-1"


def test_an_instance_on_which_nothing_is_open_stops_once_the_time_is_over(instance: Instance) -> None:
    instance.started(HOUR - 100)
    assert instance.check().returncode == 0
    assert instance.stops == []
    instance.started(HOUR + 100)
    result = instance.check()
    assert (result.returncode, instance.stops) == (0, [STOP])
    assert "asked SageMaker to stop titanic" in result.stdout


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/kernels", [{"execution_state": "busy", "last_activity": ago(2 * HOUR), "connections": 0}]),
        ("/api/kernels", [{"execution_state": "idle", "last_activity": ago(60), "connections": 0}]),
        ("/api/terminals", [{"name": "1", "last_activity": ago(60)}]),
        ("/api/terminals", [{"name": "1"}]),
        ("/api/sessions", [{"type": "console", "path": "", "kernel": {"last_activity": ago(60)}}]),
    ],
    ids=["busy kernel", "recent kernel", "terminal", "terminal of an old server", "console"],
)
def test_what_is_open_and_was_used_keeps_the_instance_running(instance: Instance, path: str, answer: object) -> None:
    instance.jupyter.answers[path] = answer
    result = instance.check()
    assert (result.returncode, instance.stops) == (0, []), result.stdout


def test_what_is_open_but_was_not_used_does_not(instance: Instance) -> None:
    instance.jupyter.answers |= {
        "/api/kernels": [{"execution_state": "idle", "last_activity": ago(2 * HOUR), "connections": 1}],
        "/api/terminals": [{"name": "1", "last_activity": ago(2 * HOUR)}],
        "/api/sessions": [{"type": "notebook", "path": "a.ipynb", "kernel": {"last_activity": ago(2 * HOUR)}}],
        "/api/contents/a.ipynb": {"last_modified": ago(2 * HOUR)},
    }
    assert instance.check().returncode == 0
    assert instance.stops == [STOP]


def test_a_save_of_an_open_notebook_is_activity(instance: Instance) -> None:
    instance.jupyter.answers |= {
        "/api/sessions": [{"type": "notebook", "path": "my work/a.ipynb", "kernel": {"last_activity": ago(2 * HOUR)}}],
        "/api/contents/my%20work/a.ipynb": {"last_modified": ago(60)},
    }
    assert instance.check().returncode == 0
    assert instance.stops == []


def test_a_connected_browser_counts_only_on_request(instance: Instance) -> None:
    kernel = {"execution_state": "idle", "last_activity": ago(2 * HOUR), "connections": 1}
    instance.jupyter.answers["/api/kernels"] = [kernel]
    assert instance.check("--keep-while-connected").returncode == 0
    assert instance.stops == []


def test_activity_is_remembered_after_what_was_open_is_closed(instance: Instance) -> None:
    instance.jupyter.answers["/api/terminals"] = [{"name": "1", "last_activity": ago(60)}]
    instance.check()
    instance.jupyter.answers["/api/terminals"] = []
    instance.check()
    assert instance.stops == []


def test_asking_is_no_activity_itself(instance: Instance) -> None:
    instance.check()
    assert instance.jupyter.asked
    assert all("no_track_activity=1" in path for path in instance.jupyter.asked)


def test_the_server_and_its_token_are_found_by_jupyters_own_file(instance: Instance) -> None:
    instance.jupyter.token = "secret"
    instance.jupyter.answers["/api/terminals"] = [{"name": "1", "last_activity": ago(60)}]
    (instance.runtime / "jpserver-1.json").write_text(json.dumps({"url": "http://127.0.0.1:1/", "token": "gone"}))
    (instance.runtime / "jpserver-2.json").write_text(json.dumps({"url": instance.jupyter.url, "token": "secret"}))
    (instance.runtime / "nbserver-3.json").write_text("not json")
    result = instance.check(url="http://127.0.0.1:1/")
    assert (result.returncode, instance.stops) == (0, []), result.stdout


def test_a_server_that_refuses_to_tell_does_not_stop_the_instance_and_is_reported(instance: Instance) -> None:
    instance.jupyter.token = "secret"
    result = instance.check()
    assert (result.returncode, instance.stops) == (1, [])
    assert "Jupyter refuses to tell its activity" in result.stdout


def test_without_any_server_the_time_goes_on(instance: Instance) -> None:
    result = instance.check(url="http://127.0.0.1:1/")
    assert (result.returncode, instance.stops) == (0, [STOP])
    assert "no answer from Jupyter" in result.stdout


def test_a_stop_that_fails_is_reported_with_what_to_change(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.aws("exit 1")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "000000000000",
        "AWS_SECRET_ACCESS_KEY": "sagecraft",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    result = instance.check()
    assert result.returncode == 1
    assert "The execution role needs sagemaker:StopNotebookInstance" in result.stdout


def test_the_program_is_written_in_python_3_7() -> None:
    ast.parse(PROGRAM.read_text(), feature_version=(3, 7))


def test_the_installer_is_valid_shell(tmp_path: Path) -> None:
    script = tmp_path / "on-start.sh"
    script.write_text(_idle_stop_script(HOUR, keep_while_connected=False))
    result = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def install(tmp_path: Path, *, own: str = "") -> tuple[subprocess.CompletedProcess[str], Path, Path]:
    """Runs the installer under a prefix, with commands that note what they were told."""
    prefix, commands, told = tmp_path / "root", tmp_path / "commands", tmp_path / "told"
    commands.mkdir()
    for name in ("systemctl", "service"):
        (commands / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{told}\n')
        (commands / name).chmod(0o755)
    script = tmp_path / "on-start.sh"
    script.write_text(_idle_stop_script(HOUR, keep_while_connected=True) + own)
    environment = {**os.environ, "IDLE_STOP_PREFIX": str(prefix), "PATH": f"{commands}:{os.environ['PATH']}"}
    result = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, check=False, timeout=60)
    return result, prefix, told


def test_on_amazon_linux_2_and_2023_a_systemd_timer_runs_the_program(tmp_path: Path) -> None:
    (tmp_path / "root/run/systemd/system").mkdir(parents=True)
    result, prefix, told = install(tmp_path)
    assert result.returncode == 0, result.stderr
    program = prefix / "usr/local/sbin/sagecraft-idle-check.py"
    assert program.read_text() == PROGRAM.read_text()
    assert time.time() - (prefix / "var/lib/sagecraft-idle-stop").stat().st_mtime < HOUR / 2
    assert told.read_text().splitlines() == [
        "systemctl daemon-reload",
        "systemctl enable sagecraft-idle-stop.timer",
        "systemctl restart sagecraft-idle-stop.timer",
    ]
    timer = (prefix / "etc/systemd/system/sagecraft-idle-stop.timer").read_text()
    assert "OnUnitInactiveSec=300\n" in timer
    service = (prefix / "etc/systemd/system/sagecraft-idle-stop.service").read_text()
    assert (
        f"{program} --idle-seconds 3600 --state {prefix}/var/lib/sagecraft-idle-stop --keep-while-connected" in service
    )


def test_without_systemd_cron_runs_the_program(tmp_path: Path) -> None:
    (tmp_path / "root/etc/cron.d").mkdir(parents=True)
    result, prefix, told = install(tmp_path)
    assert result.returncode == 0, result.stderr
    table = (prefix / "etc/cron.d/sagecraft-idle-stop").read_text().splitlines()
    assert table[:2] == ["SHELL=/bin/sh", "HOME=/root"]
    assert table[2].startswith("*/5 * * * * root ")
    assert told.read_text() == "service crond start\n"


def test_without_either_the_start_fails_and_says_why(tmp_path: Path) -> None:
    result, _, _ = install(tmp_path, own="touch reached\n")
    assert result.returncode == 1
    assert result.stderr == "idle stop: this image has neither systemd nor cron\n"


def test_the_users_own_script_runs_afterwards_without_the_installers_shell_options(tmp_path: Path) -> None:
    (tmp_path / "root/etc/cron.d").mkdir(parents=True)
    result, _, _ = install(tmp_path, own='false\necho "own $unset"\n')
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "own "
