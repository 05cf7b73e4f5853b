"""What containers' servers do to a connection, each done by a small server of raw bytes."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from sagecraft_emulator.container import blocking_connection
from sagecraft_emulator.container.blocking_connection import BlockingConnection
from sagecraft_emulator.errors import RequestLost

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\n0.5"
BODY = b"1,2"
TIMEOUT_SECONDS = 5.0


class Server:
    """Gives each connection its answers, one to a request, and closes it then."""

    def __init__(self, *connections: list[bytes]) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections = connections
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.port = self._listening.getsockname()[1]

    def close(self) -> None:
        self.ended.set()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        for answers in self._connections:
            connection, _ = self._listening.accept()
            with connection:
                for answer in answers:
                    request = b""
                    while not request.endswith(BODY):
                        request += connection.recv(1024)
                    self.requests.append(request)
                    if answer:
                        connection.sendall(answer)
                    else:
                        self.ended.wait(TIMEOUT_SECONDS)


@pytest.fixture
def against() -> Iterator[Callable[..., tuple[BlockingConnection, Server]]]:
    made: list[tuple[BlockingConnection, Server]] = []

    def connect(
        *connections: list[bytes], timeout_seconds: float = TIMEOUT_SECONDS
    ) -> tuple[BlockingConnection, Server]:
        server = Server(*connections)
        made.append((BlockingConnection("127.0.0.1", server.port, timeout_seconds), server))
        return made[-1]

    yield connect
    for connection, server in made:
        connection.close()
        server.close()


Against = Callable[..., tuple[BlockingConnection, Server]]


def test_requests_go_one_after_the_other_over_one_connection(against: Against) -> None:
    connection, server = against([OK, OK.replace(b"200 OK", b"400 Bad Request")])
    first = connection.post("/invocations", {"Accept": "text/csv"}, BODY)
    assert (first.status, first.headers["content-type"], first.body) == (200, "text/csv", b"0.5")
    assert connection.post("/invocations", {}, BODY).status == 400
    assert server.requests == [
        b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\nContent-Length: 3\r\n\r\n1,2",
        b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n1,2",
    ]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nall of it", b"all of it"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"0.5"),
        (OK.replace(b"Content-Type", b"Connection: close\r\nContent-Type"), b"0.5"),
    ],
)
def test_an_answer_is_whole_however_it_is_framed_and_the_next_request_is_sent(
    against: Against, answer: bytes, body: bytes
) -> None:
    connection, _ = against([answer], [OK])
    assert connection.post("/invocations", {}, BODY).body == body
    connection.close()
    assert connection.post("/invocations", {}, BODY).body == b"0.5"


@pytest.mark.parametrize(
    ("answer", "why"), [(OK[:-1], "before the answer was complete"), (b"nonsense\r\n\r\n", "what is not HTTP")]
)
def test_an_answer_that_is_cut_or_no_http_is_lost(against: Against, answer: bytes, why: str) -> None:
    connection, _ = against([answer])
    with pytest.raises(RequestLost, match=why):
        connection.post("/invocations", {}, BODY)


def test_an_answer_that_does_not_come_is_late(against: Against) -> None:
    connection, _ = against([b""], timeout_seconds=0.05)
    with pytest.raises(TimeoutError):
        connection.post("/invocations", {}, BODY)


def test_a_connection_that_was_idle_is_not_used_again(against: Against, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking_connection, "IDLE_SECONDS", -1.0)
    connection, server = against([OK], [OK])
    assert connection.post("/invocations", {}, BODY).body == connection.post("/invocations", {}, BODY).body == b"0.5"
    assert len(server.requests) == 2
