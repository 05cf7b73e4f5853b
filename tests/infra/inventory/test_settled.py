"""How a stack is waited for."""

from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.inventory import StackState, settled


@pytest.mark.parametrize("seconds", [0.1, 5.0, 600.0])
def test_a_stack_that_takes_long_is_asked_for_seldom_and_told_hardly_later(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    target: Any = None
    asked: list[float] = []
    now = [0.0]

    def state(*_: Any) -> StackState:
        asked.append(now[0])
        return StackState("S", "us-east-1", "CREATE_COMPLETE" if now[0] >= seconds else "CREATE_IN_PROGRESS", {})

    def sleep(pause: float) -> None:
        now[0] += pause

    monkeypatch.setattr(settled, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    monkeypatch.setattr(settled, "stack_state", state)
    assert settled.settled_stack(target, "S", "us-east-1", 3600).status == "CREATE_COMPLETE"
    assert asked[-1] - seconds <= max(0.02, min(0.1 * seconds, 0.5)) + 1e-9
    assert len(asked) <= 60 + 2 * seconds
    now[0] = 0.0
    with pytest.raises(WorkFailed, match="Stack S has been CREATE_IN_PROGRESS for 0 s"):
        settled.settled_stack(target, "S", "us-east-1", 0)
