"""Sessions of roles: each piece of work has its own, and they end with it."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from sagecraft_emulator.hosts.ministack.sessions import HostSessions

ROLE = "arn:aws:iam::000000000000:role/path/work"


def sts() -> Any:
    """What ministack's module of STS has."""
    return SimpleNamespace(_sessions={}, _session_expired=lambda session: session.get("Expiration", time.time()) < 0)


def test_a_piece_of_work_has_the_same_credentials_at_each_call_and_other_work_has_others() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    one = sessions.credentials(ROLE, "000000000000", "TrainingJob/one")
    other = sessions.credentials(ROLE, "000000000000", "TrainingJob/other")
    assert one == sessions.credentials(ROLE, "000000000000", "TrainingJob/one")
    assert {one.access_key_id, one.secret_access_key, one.session_token}.isdisjoint(
        {other.access_key_id, other.secret_access_key, other.session_token}
    )
    assert host._sessions[one.access_key_id]["Arn"] == "arn:aws:sts::000000000000:assumed-role/work/SageMaker"
    assert sessions.work_of(one.access_key_id) == "TrainingJob/one"


def test_the_sessions_of_work_that_has_ended_are_gone_and_others_stay() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    for number in range(100):
        sessions.credentials(ROLE, "000000000000", f"TrainingJob/{number}")
    kept = sessions.credentials(ROLE, "000000000000", "Endpoint/kept")
    for number in range(100):
        sessions.end(f"TrainingJob/{number}")
    assert list(host._sessions) == [kept.access_key_id]
    sessions.end("TrainingJob/none")


def test_sessions_that_have_expired_are_dropped_while_others_begin() -> None:
    host = sts()
    sessions = HostSessions(lambda: host)
    sessions.begin(ROLE, "first", "Function/first")
    host._sessions |= {f"ASIA{number}": {"Expiration": -1} for number in range(1_000)}
    begun = threading.Thread(target=lambda: [sessions.begin(ROLE, "name", f"work/{n}") for n in range(1_000)])
    begun.start()
    while begun.is_alive():
        host._evict_expired_sessions()
    host._evict_expired_sessions()
    assert len(host._sessions) == 1_001
