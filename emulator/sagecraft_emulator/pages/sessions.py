"""Who may open a page: a URL that is good for once begins a session of a browser, which ends with its time."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sagecraft_emulator.state.store import RecordKey

MayGoOn = Callable[[], bool]
"""Whether who has asked for a URL may still open the page. It must return at once."""
MAY_GO_ON: Final = "_MayGoOn"
"""A member of the emulator's own in a request for a URL: a `MayGoOn`."""

URL_SECONDS: Final = 300.0
"""Within which a URL has to be opened. Source: `CreatePresignedNotebookInstanceUrl` in the API reference."""


@dataclass(frozen=True)
class Session:
    """What one browser may do.

    Attributes:
        key: The resource whose page it may open.
        ends: When it no longer may, by the clock of the sessions.
        may_go_on: Whether it still may, until then.
    """

    key: RecordKey
    ends: float
    may_go_on: MayGoOn


@dataclass(frozen=True)
class _Invitation:
    key: RecordKey
    session_seconds: float
    ends: float
    may_go_on: MayGoOn


def anybody() -> bool:
    """Where nobody's permissions are asked for."""
    return True


class Sessions:
    """The URLs that were not opened yet, and the sessions of browsers. Safe for use from several threads.

    An emulator that ends forgets them.

    Args:
        clock: Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._invitations: dict[str, _Invitation] = {}
        self._sessions: dict[str, Session] = {}

    def invite(
        self,
        key: RecordKey,
        session_seconds: float,
        url_seconds: float = URL_SECONDS,
        may_go_on: MayGoOn = anybody,
    ) -> str:
        """A token that begins a session, once and soon.

        Args:
            key: The resource whose page it is for.
            session_seconds: How long the session lasts.
            url_seconds: Within which it has to begin.
            may_go_on: Is asked at each request.
        """
        token = secrets.token_urlsafe(48)
        now = self._clock()
        with self._lock:
            self._keep(lambda each: each.ends > now)
            self._invitations[token] = _Invitation(key, session_seconds, now + url_seconds, may_go_on)
        return token

    def begin(self, key: RecordKey, token: str) -> tuple[str, float] | None:
        """Begins a session; returns what names it and its seconds, or None where the token is not good."""
        with self._lock:
            invitation = self._invitations.get(token)
            if invitation is None or invitation.key != key:
                return None
            del self._invitations[token]
            now = self._clock()
            if now >= invitation.ends:
                return None
            name = secrets.token_urlsafe(48)
            self._sessions[name] = Session(key, now + invitation.session_seconds, invitation.may_go_on)
            return name, invitation.session_seconds

    def find(self, key: RecordKey, names: list[str]) -> Session | None:
        """The session of a page that has one of the names, if it has not ended."""
        found = (self._sessions.get(name) for name in names)
        return next((each for each in found if each and each.key == key and each.ends > self._clock()), None)

    def seconds_left(self, session: Session) -> float:
        """How long a session goes on."""
        return session.ends - self._clock()

    def end(self, key: RecordKey) -> None:
        """Ends all sessions of a resource that is removed, and has its URLs begin none."""
        with self._lock:
            self._keep(lambda each: each.key != key)

    def _keep(self, is_kept: Callable[[Session | _Invitation], bool]) -> None:
        self._invitations = {token: each for token, each in self._invitations.items() if is_kept(each)}
        self._sessions = {name: each for name, each in self._sessions.items() if is_kept(each)}
