"""The sessions in which work is done as its role. They are begun and ended here, without a request to the host."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Final

from sagecraft_emulator.authorization.role_session import RoleCredentials

SESSION_NAME: Final = "SageMaker"

# ruff: noqa: SLF001 - ministack has no public way to any of this


class HostSessions:
    """Begins sessions of roles, one for each piece of work, and ends them with it. Safe for use from several threads.

    Args:
        get_sts: Returns ministack's module of STS, which is loaded when it is first needed.
    """

    enforced = False

    def __init__(self, get_sts: Callable[[], Any]) -> None:
        self._get_sts = get_sts
        self._salt = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._work: dict[str, str] = {}

    def credentials(self, role_arn: str, account: str, work: str) -> RoleCredentials:
        """As `RoleSessions` says."""
        del account  # the role's own
        return self.begin(role_arn, SESSION_NAME, work)

    def denied(self, work: str) -> str | None:
        """As `RoleSessions` says: nothing is."""
        del work
        return None

    def begin(self, role_arn: str, session_name: str, work: str) -> RoleCredentials:
        """The session of a piece of work; the same at each call, so that it never ends before the work does."""

        def derived(use: str) -> str:
            return hmac.new(
                self._salt, f"{use}\n{role_arn}\n{session_name}\n{work}".encode(), hashlib.sha256
            ).hexdigest()

        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        made = RoleCredentials(f"ASIA{derived('key')[:16].upper()}", derived("secret"), derived("token"))
        session = {
            "Arn": f"arn:{role_arn.split(':')[1]}:sts::{account}:assumed-role/{name}/{session_name}",
            "UserId": f"{name}:{session_name}",
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "IssuedAt": time.time(),
        }
        with self._lock:
            self._sts._sessions[made.access_key_id] = session
            self._work[made.access_key_id] = work
        return made

    def end(self, work: str) -> None:
        """As `RoleSessions` says."""
        with self._lock:
            for key in [key for key, each in self._work.items() if each == work]:
                del self._work[key]
                self._sts._sessions.pop(key, None)

    def work_of(self, access_key: str) -> str | None:
        """What is done in a session; None of one that is no work's."""
        with self._lock:
            return self._work.get(access_key)

    @cached_property
    def _sts(self) -> Any:
        module = self._get_sts()
        module._evict_expired_sessions = partial(_evict_expired, module)
        return module


def _evict_expired(sts: Any) -> None:
    """In the place of ministack's own, which does not bear that a thread begins a session meanwhile."""
    for key, session in sts._sessions.copy().items():  # a list of its items is made in steps, between which threads run
        if sts._session_expired(session):
            sts._sessions.pop(key, None)
