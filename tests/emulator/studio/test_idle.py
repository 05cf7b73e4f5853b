"""Whether anybody works in a JupyterLab."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_emulator.studio.apps.idle import IdleWatch

START, IDLE_SECONDS, LOOK_SECONDS = 1_000_000.0, 3600, 60


def at(seconds: float) -> str:
    """A time as Jupyter writes it, so long after the start."""
    return datetime.fromtimestamp(START + seconds, UTC).isoformat().replace("+00:00", "Z")


def kernel(seconds: float, state: str = "idle") -> dict[str, Any]:
    return {"execution_state": state, "last_activity": at(seconds)}


def terminal(seconds: float) -> dict[str, Any]:
    return {"name": "1", "last_activity": at(seconds)}


@pytest.mark.parametrize(
    ("kernels", "terminals", "is_idle"),
    [
        ([], [], True),
        ([kernel(0)], [terminal(0)], True),
        ([kernel(100)], [], False),
        ([kernel(0, "busy")], [], False),
        ([], [terminal(100)], False),
        # Nothing that can be understood is no proof that nobody works.
        (None, [], False),
        ([], None, False),
        ([kernel(0), {}], [], False),
        ("no", [], False),
        ([{"last_activity": 3}], [], False),
        ([kernel(1e9)], [], False),
    ],
)
def test_an_app_is_idle_when_nothing_has_been_done_in_it_for_as_long_as_is_said(
    monkeypatch: pytest.MonkeyPatch, kernels: Any, terminals: Any, is_idle: bool
) -> None:
    """Source: `get_last_active_timestamp` in jupyter-activity-monitor-extension, handler.py"""
    clock = SimpleNamespace(now=START)
    monkeypatch.setattr("sagecraft_emulator.studio.apps.idle.time", SimpleNamespace(time=lambda: clock.now))
    answers = {"/api/kernels": kernels, "/api/terminals": terminals}
    told = {path: None if answer is None else json.dumps(answer).encode() for path, answer in answers.items()}
    watch = IdleWatch(IDLE_SECONDS, LOOK_SECONDS, told.__getitem__)
    clock.now = START + IDLE_SECONDS - 1
    assert not watch.is_idle()
    clock.now = START + IDLE_SECONDS + 1
    assert not watch.is_idle(), "it has looked a moment ago"
    clock.now = START + IDLE_SECONDS + LOOK_SECONDS
    assert watch.is_idle() == is_idle
