"""The first program of an instance, without a sandbox around it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.notebook import boot


def program(log: Path, *command: str, **members: Any) -> dict[str, Any]:
    return {"command": list(command), "environment": {}, "directory": str(log.parent), "log": str(log), **members}


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_server_that_keeps_ending_is_given_up_and_each_time_has_another_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boot, "_BACKOFF_SECONDS", (0.0, 0.0, 0.0))
    log = tmp_path / "log"
    server = program(log, sys.executable, "-c", f"print('on {boot.PORT}'); raise SystemExit(3)")
    assert boot.main({"steps": [], "server": server}) == 1
    events = told(capsys)
    ports = [event["port"] for event in events if "port" in event]
    assert [event["ended"] for event in events if "ended" in event] == [3, 3, 3]
    assert len(ports) == 3
    assert log.read_text().splitlines() == [f"on {port}" for port in ports]


@pytest.mark.parametrize(
    ("command", "seconds", "exit_code"),
    [
        ((sys.executable, "-c", "raise SystemExit(4)"), 60, 4),
        ((sys.executable, "-c", "import time; time.sleep(600)"), 0.2, None),
        (("/nowhere/to/be/found",), 60, 127),
    ],
)
def test_no_server_starts_behind_a_step_that_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], seconds: float, exit_code: int | None
) -> None:
    steps = [
        program(tmp_path / "log", sys.executable, "-c", "print('first')", name="first", seconds=60),
        program(tmp_path / "log", *command, name="second", seconds=seconds),
    ]
    assert boot.main({"steps": steps, "server": program(tmp_path / "log", "/never")}) == 1
    assert told(capsys) == [{"step": "first", "exit_code": 0}, {"step": "second", "exit_code": exit_code}]
    assert (tmp_path / "log").read_text().startswith("first\n")
