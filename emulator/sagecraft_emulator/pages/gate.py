"""Decides of each request of a browser whether it comes to a page's server, and what that sees of it.

The server is asked with a token of its own, which makes it trust the request; so all that it would look at itself is
looked at here: from which page a request comes, above all. Browsers say so in `Origin` and in Fetch Metadata.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from sagecraft_emulator.state.store import RecordKey

from .name import page_host
from .request import RequestHead
from .sessions import URL_SECONDS, MayGoOn, Sessions, anybody

TOKEN: Final = "authToken"  # noqa: S105 - the name of it
_VIEW: Final = "view"
_SLASHES: Final = "/\\"
"""Two at its beginning, and a browser would take a path for the name of another host."""
_AGAIN_SECONDS: Final = "2"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_PASSED_ON: Final = frozenset(
    {
        "authorization",
        "connection",
        "cookie",
        "forwarded",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "upgrade",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "x-scheme",
    }
)


@dataclass(frozen=True)
class Address:
    """Where the server of a page answers.

    Attributes:
        port: On the loopback interface.
        token: What it answers to.
    """

    port: int
    token: str


@dataclass(frozen=True)
class Passage:
    """A request that comes to the server.

    Attributes:
        address: Of the server.
        head: What the server gets instead of the head that the browser has sent.
        seconds: How long the connection may last.
        may_go_on: Whether it still may, until then.
    """

    address: Address
    head: bytes
    seconds: float
    may_go_on: MayGoOn


@dataclass(frozen=True)
class PageAnswer:
    """A request that is answered here.

    Attributes:
        status: Of the answer.
        text: For whoever looks at it.
        headers: Besides those that every answer has.
    """

    status: HTTPStatus
    text: str
    headers: tuple[tuple[str, str], ...] = field(default=())

    def message(self) -> bytes:
        """The answer as it is sent."""
        body = f"{self.text}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
            *self.headers,
        ]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n{lines}\r\n".encode("latin-1") + body


FindServer = Callable[[RecordKey], Address | str]
Admission = Passage | PageAnswer


class Gate:
    """The pages of one kind of resource.

    Args:
        noun: What stands for the kind in host names, such as `notebook`.
        endpoint_url: Of the emulator.
        find_server: Finds what answers for a resource, or says why nothing does. It must return at once.
        sessions: Who may open what.
        opens_by: Says how to get a URL for a page; `{name}` stands for that of the resource.
    """

    def __init__(
        self,
        noun: str,
        endpoint_url: str,
        find_server: FindServer,
        sessions: Sessions | None = None,
        opens_by: str = "sagecraft notebook open {name}",
    ) -> None:
        self._noun, self._find_server, self._opens_by = noun, find_server, opens_by
        self._port = urlsplit(endpoint_url).port
        self._sessions = Sessions() if sessions is None else sessions
        self._keys: dict[str, RecordKey] = {}

    @property
    def _cookie(self) -> str:
        """Another emulator on this machine has pages of the same names."""
        return f"sagecraft-{self._port}"

    def url(
        self,
        key: RecordKey,
        session_seconds: float,
        url_seconds: float = URL_SECONDS,
        may_go_on: MayGoOn = anybody,
    ) -> str:
        """A URL that opens the page of a resource, once and soon.

        Args:
            key: The resource.
            session_seconds: How long the browser that opens it may go on.
            url_seconds: Within which it has to be opened.
            may_go_on: Is asked at each request of that browser.
        """
        self.expect(key)
        host = page_host(key, self._noun)
        token = self._sessions.invite(key, session_seconds, url_seconds, may_go_on)
        return f"http://{host}:{self._port}/?{urlencode({TOKEN: token})}"

    def expect(self, key: RecordKey) -> None:
        """Takes note of a resource whose page a browser may have open, since an earlier emulator."""
        self._keys[page_host(key, self._noun)] = key

    def close(self, key: RecordKey) -> None:
        """Takes note that a resource is removed: what was to open its page opens none of that name."""
        self._keys.pop(page_host(key, self._noun), None)
        self._sessions.end(key)

    def admit(self, request: RequestHead) -> Admission | None:
        """What becomes of a request; None of one for another page."""
        key = self._keys.get(request.host)
        if key is None:
            return None
        if _is_of_another_page(request):
            return _refused("This page answers to itself alone, and not to pages of other origins.")
        query = parse_qsl(request.query, keep_blank_values=True)
        token = next((value for name, value in query if name == TOKEN), None)
        if token is not None:
            return self._begin(request, key, token, query)
        names = [value for name, value in request.cookies if name == self._cookie]
        session = self._sessions.find(key, names)
        if session is None:
            return _refused(f"This page opens by a new URL: {self._opens_by.format(name=key.name)}")
        if not session.may_go_on():
            return _refused("The permission to open this page has been taken away.")
        address = self._find_server(key)
        if isinstance(address, str):
            return later(HTTPStatus.SERVICE_UNAVAILABLE, address)
        seconds = self._sessions.seconds_left(session)
        return Passage(address, self._passed_on(request, address), seconds, session.may_go_on)

    def _begin(self, request: RequestHead, key: RecordKey, token: str, query: list[tuple[str, str]]) -> PageAnswer:
        begun = self._sessions.begin(key, token) if request.method == "GET" else None
        if begun is None:
            return _refused(
                f"This URL was opened before, or is too old, or is not for {key.name}. Make another one: "
                f"{self._opens_by.format(name=key.name)}"
            )
        name, seconds = begun
        rest = urlencode([each for each in query if each[0] not in {TOKEN, _VIEW}])
        # Where the server itself goes on from its root, unless it is told where: the console of AWS says `view=lab`.
        path = "/lab" if request.path == "/" and (_VIEW, "lab") in query else f"/{request.path.lstrip(_SLASHES)}"
        target = f"{path}?{rest}" if rest else path
        cookie = f"{self._cookie}={name}; Path=/; Max-Age={seconds:.0f}; HttpOnly; SameSite=Lax"
        return PageAnswer(HTTPStatus.FOUND, f"Go on at {target}", (("Location", target), ("Set-Cookie", cookie)))

    def _passed_on(self, request: RequestHead, address: Address) -> bytes:
        kept = [(name, value) for name, value in request.headers if name.lower() not in _NOT_PASSED_ON]
        cookies = "; ".join(f"{name}={value}" for name, value in request.cookies if name != self._cookie)
        own = [("Authorization", f"token {address.token}"), *([("Cookie", cookies)] if cookies else [])]
        # One request a connection, so that each is looked at here.
        upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
        last = upgrade if request.is_web_socket else [("Connection", "close")]
        lines = "".join(f"{name}: {value}\r\n" for name, value in (*kept, *own, *last))
        return f"{request.method} {request.target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


def _is_of_another_page(request: RequestHead) -> bool:
    """Whether a page of another origin has a browser send this, other than by a link that opens it."""
    origin, site = request.get("origin"), request.get("sec-fetch-site")
    if origin is not None:
        return origin.lower() != f"http://{(request.get('host') or '').lower()}"
    if site in {"cross-site", "same-site"}:
        opens = request.get("sec-fetch-mode") == "navigate" and request.get("sec-fetch-dest") == "document"
        return not (opens and request.method == "GET")
    # Browsers say from which page such a request is.
    return site is None and (request.is_web_socket or request.method not in _READING)


def later(status: HTTPStatus, text: str) -> PageAnswer:
    """An answer to ask again behind, which a browser that shows it does by itself."""
    return PageAnswer(status, text, (("Retry-After", _AGAIN_SECONDS), ("Refresh", _AGAIN_SECONDS)))


def _refused(text: str) -> PageAnswer:
    return PageAnswer(HTTPStatus.FORBIDDEN, text)
