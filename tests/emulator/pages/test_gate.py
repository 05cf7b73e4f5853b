"""Who comes to a page, and what its server sees of it.

Sources: `CreatePresignedNotebookInstanceUrl` in SageMaker's API reference (five minutes, and a session with a time of
its own); "Fetch Metadata Request Headers" of W3C; RFC 6454 (an origin has a port); RFC 6265, section 8.5 (cookies have
none).
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from sagecraft_emulator.pages.gate import Address, Admission, Gate, PageAnswer, Passage
from sagecraft_emulator.pages.name import is_page_host, page_host
from sagecraft_emulator.pages.request import RequestHead
from sagecraft_emulator.pages.sessions import Sessions
from sagecraft_emulator.settings import DEFAULT_ACCOUNT
from sagecraft_emulator.state.store import RecordKey

KEY = RecordKey("NotebookInstance", DEFAULT_ACCOUNT, "us-east-1", "mine")
OTHER = KEY._replace(name="other")
HOST = "mine.notebook.us-east-1.sagemaker.localhost:4566"
SESSION_SECONDS = 1800


@dataclass
class Pages:
    """A gate with the pages of two instances, and a clock that a test moves on."""

    now: float = 0.0
    allowed: bool = True
    servers: dict[RecordKey, Address | str] = field(
        default_factory=lambda: {KEY: Address(5001, "secret"), OTHER: Address(5002, "other")}
    )

    def __post_init__(self) -> None:
        sessions = Sessions(lambda: self.now)
        self.gate = Gate("notebook", "http://127.0.0.1:4566", self.servers.__getitem__, sessions)

    def url(self, key: RecordKey = KEY) -> str:
        return self.gate.url(key, SESSION_SECONDS, may_go_on=lambda: self.allowed)

    def open(self, url: str, host: str | None = None) -> Admission | None:
        """What a browser gets that opens a URL."""
        place = urlsplit(url)
        return self.ask(f"{place.path}?{place.query}", host=place.netloc if host is None else host)

    def cookie(self, key: RecordKey = KEY) -> str:
        """The cookie of a browser that has opened a page."""
        answer = self.open(self.url(key))
        assert isinstance(answer, PageAnswer)
        return dict(answer.headers)["Set-Cookie"].partition(";")[0]

    def ask(
        self, target: str, *, method: str = "GET", host: str = HOST, cookie: str | None = None, **headers: str
    ) -> Admission | None:
        given = {"Host": host, **({} if cookie is None else {"Cookie": cookie})}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"\r\n{name}: {value}" for name, value in given.items())
        request = RequestHead.read(f"{method} {target} HTTP/1.1{lines}".encode())
        assert request is not None
        return self.gate.admit(request)


@pytest.fixture
def pages() -> Pages:
    return Pages()


def is_refused(admission: Admission | None) -> bool:
    return isinstance(admission, PageAnswer) and admission.status == 403


def test_a_url_opens_the_page_and_its_server_is_asked_with_its_own_token(pages: Pages) -> None:
    url = pages.url()
    assert url.startswith(f"http://{HOST}/?authToken=")
    answer = pages.open(url)
    assert isinstance(answer, PageAnswer)
    assert (answer.status, dict(answer.headers)["Location"]) == (302, "/")
    cookie, *attributes = dict(answer.headers)["Set-Cookie"].split("; ")
    assert attributes == ["Path=/", "Max-Age=1800", "HttpOnly", "SameSite=Lax"]
    passage = pages.ask("/lab?a=b", cookie=f"_xsrf=1; {cookie}", Authorization="token guessed", Accept="text/html")
    assert isinstance(passage, Passage)
    assert (passage.address.port, passage.seconds) == (5001, SESSION_SECONDS)
    assert passage.head.decode() == (
        f"GET /lab?a=b HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nAuthorization: token secret\r\n"
        "Cookie: _xsrf=1\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/?view=lab", "/lab"),
        ("/lab/tree/a.ipynb?x=1&view=lab", "/lab/tree/a.ipynb?x=1"),
        ("//evil.example/lab", "/evil.example/lab"),
        ("/\\evil.example/lab", "/evil.example/lab"),
    ],
)
def test_a_url_leads_to_the_path_that_is_written_into_it_and_nowhere_else(
    pages: Pages, path: str, location: str
) -> None:
    token = parse_qs(urlsplit(pages.url()).query)["authToken"][0]
    answer = pages.ask(f"{path}{'&' if '?' in path else '?'}authToken={token}")
    assert isinstance(answer, PageAnswer)
    assert dict(answer.headers)["Location"] == location


def test_a_url_is_good_for_once(pages: Pages) -> None:
    url = pages.url()
    assert not is_refused(pages.open(url))
    assert is_refused(pages.open(url))


def test_a_url_is_good_for_five_minutes(pages: Pages) -> None:
    urls = [pages.url(), pages.url()]
    pages.now = 299
    assert not is_refused(pages.open(urls[0]))
    pages.now = 300
    assert is_refused(pages.open(urls[1]))


def test_a_session_ends_with_its_time_and_not_with_that_of_its_url(pages: Pages) -> None:
    pages.now = 200
    cookie = pages.cookie()
    pages.now = 200 + SESSION_SECONDS - 1
    passage = pages.ask("/lab", cookie=cookie)
    assert isinstance(passage, Passage)
    assert passage.seconds == 1
    pages.now += 1
    assert is_refused(pages.ask("/lab", cookie=cookie))


def test_a_url_of_one_instance_does_not_open_another_and_stays_good(pages: Pages) -> None:
    url, other = pages.url(), pages.url(OTHER)
    assert is_refused(pages.open(url, host=urlsplit(other).netloc))
    assert not is_refused(pages.open(url))


def test_a_cookie_of_one_instance_does_not_open_another(pages: Pages) -> None:
    cookie, other = pages.cookie(), urlsplit(pages.url(OTHER)).netloc
    assert is_refused(pages.ask("/lab", host=other, cookie=cookie))
    # A page can set cookies for all names below its own domain, but not so that they are in the way.
    assert isinstance(pages.ask("/lab", cookie=f"{cookie.partition('=')[0]}=planted; {cookie}"), Passage)


def test_nothing_opens_without_a_session_or_after_the_instance_is_removed(pages: Pages) -> None:
    cookie, url = pages.cookie(), pages.url()
    assert is_refused(pages.ask("/lab"))
    assert is_refused(pages.ask("/api/kernels", cookie="sagecraft-4566=guessed"))
    pages.gate.close(KEY)
    pages.url()
    assert is_refused(pages.ask("/lab", cookie=cookie))
    assert is_refused(pages.open(url))
    assert pages.ask("/lab", host="nobody.notebook.us-east-1.sagemaker.localhost") is None


def test_a_server_that_does_not_run_is_told_of(pages: Pages) -> None:
    cookie = pages.cookie()
    pages.servers[KEY] = "It is being started."
    answer = pages.ask("/lab", cookie=cookie)
    assert isinstance(answer, PageAnswer)
    assert (answer.status, answer.text) == (503, "It is being started.")
    assert dict(answer.headers) == {"Retry-After": "2", "Refresh": "2"}


def test_the_permission_to_open_a_page_holds_for_each_of_its_requests(pages: Pages) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html"""
    cookie = pages.cookie()
    pages.allowed = False
    refused = pages.ask("/lab", cookie=cookie)
    assert isinstance(refused, PageAnswer)
    assert (refused.status, refused.text) == (403, "The permission to open this page has been taken away.")
    pages.allowed = True
    assert isinstance(pages.ask("/lab", cookie=cookie), Passage)


def test_a_browser_that_has_a_page_of_an_earlier_emulator_is_told_how_it_opens(pages: Pages) -> None:
    cookie = pages.cookie()
    following = Pages()
    assert following.ask("/lab", cookie=cookie) is None
    following.gate.expect(KEY)
    refused = following.ask("/lab", cookie=cookie)
    assert isinstance(refused, PageAnswer)
    assert (refused.status, refused.text) == (403, "This page opens by a new URL: sagecraft notebook open mine")


SOCKET = {"Upgrade": "websocket"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"Origin": "http://evil.example"}),
        ("POST", {"Origin": "null"}),
        ("POST", {"Origin": "http://other.notebook.us-east-1.sagemaker.localhost:4566"}),
        ("POST", {"Origin": "http://mine.notebook.us-east-1.sagemaker.localhost:8888"}),
        ("POST", {"Origin": "https://mine.notebook.us-east-1.sagemaker.localhost:4566"}),
        ("POST", {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}),
        ("DELETE", {}),
        ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"}),
        ("GET", {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}),
        ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}),
        ("GET", {**SOCKET}),
        ("GET", {**SOCKET, "Origin": "http://evil.example"}),
        ("GET", {**SOCKET, "Origin": "http://other.notebook.us-east-1.sagemaker.localhost:4566"}),
    ],
)
def test_a_page_of_another_origin_cannot_drive_it(pages: Pages, method: str, headers: dict[str, str]) -> None:
    assert is_refused(pages.ask("/api/kernels", method=method, cookie=pages.cookie(), **headers))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"Origin": f"http://{HOST}"}),
        ("DELETE", {"Sec_Fetch_Site": "same-origin"}),
        ("GET", {}),
        ("GET", {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}),
        ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}),
        ("GET", {**SOCKET, "Origin": f"http://{HOST.upper()}"}),
    ],
)
def test_its_own_page_and_a_link_that_opens_it_can(pages: Pages, method: str, headers: dict[str, str]) -> None:
    assert isinstance(pages.ask("/lab", method=method, cookie=pages.cookie(), **headers), Passage)


def test_a_connection_becomes_a_web_socket_only_where_that_is_asked_for(pages: Pages) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": f"http://{HOST}"}
    passage = pages.ask("/api/kernels/1/channels", cookie=pages.cookie(), **upgrade)
    assert isinstance(passage, Passage)
    assert passage.head.endswith(b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://evil.example/ HTTP/1.1\r\nHost: a",
        b"get / HTTP/1.1\r\nHost: a",
        b"GET / HTTP/2\r\nHost: a",
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: b",
        b"GET / HTTP/1.1\r\nHost: a\r\nOrigin: a\r\nOrigin: b",
        b"GET / HTTP/1.1\r\nHost : a",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded",
        b"GET / HTTP/1.1\r\nHost: a\nX: b",
        b"GET / HTTP/1.1\r\nHost: a\x00",
        b"",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_not_read(head: bytes) -> None:
    assert RequestHead.read(head) is None


def test_a_long_head_is_read_as_quickly_as_its_length_allows() -> None:
    head = RequestHead.read(b"GET / HTTP/1.1\r\nX: " + b" " * 60_000 + b"y" + b" \t" * 60_000 + b"z \t")
    assert head is not None
    assert len(head.get("x") or "") == 1 + 120_000 + 1


def test_each_instance_has_a_host_name_of_its_own() -> None:
    keys = [
        KEY,
        OTHER,
        KEY._replace(account="111111111111"),
        KEY._replace(region="eu-west-1"),
        KEY._replace(name="Mine"),
    ]
    hosts = [page_host(key, "notebook") for key in keys]
    assert hosts[0] == "mine.notebook.us-east-1.sagemaker.localhost"
    assert len(set(hosts)) == len(keys)
    assert all(is_page_host(host) and host == host.lower() for host in hosts)
    assert not is_page_host("bucket.s3.us-east-1.localhost")
