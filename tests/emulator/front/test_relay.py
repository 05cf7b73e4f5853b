"""A browser's connections to the server of a page, which here sends back what it gets."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import repeat
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from sagecraft_emulator.front import relay
from sagecraft_emulator.front.relay import LONGEST_HEAD_BYTES
from sagecraft_emulator.pages.gate import Address, Admission, Passage
from sagecraft_emulator.pages.request import RequestHead
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage

from tests.emulator.front.test_invocation_protocol import begin, serving
from tests.emulator.web_socket import WebSocket

HOST = "mine.notebook.us-east-1.sagemaker.localhost"
LARGE = b"x" * 3_000_000


class Echo(StreamRequestHandler):
    """Answers with what a request has brought, or what a web socket brings; ends at a DELETE without an answer."""

    def handle(self) -> None:
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        if head.startswith(b"DELETE"):
            return
        if b"Upgrade: websocket" in head:
            self._echo_texts(head)
            return
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
        body = self.rfile.read(length)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)

    def _echo_texts(self, head: bytes) -> None:
        connection = WSConnection(ConnectionType.SERVER)
        connection.receive_data(head + b"\r\n")
        while True:
            for event in connection.events():
                match event:
                    case Request():
                        self.wfile.write(connection.send(AcceptConnection()))
                    case TextMessage(data=text, message_finished=finished):
                        self.wfile.write(connection.send(TextMessage(data=text, message_finished=finished)))
                    case CloseConnection():
                        return
            data = self.connection.recv(65_536)
            if not data:
                return
            connection.receive_data(data)


class Pages:
    """Admits whatever is asked of the page, by the path.

    `/short` is for a moment, `/nobody` leads to where nothing answers, and the permission of `/revoked` is taken away.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def admit(self, request: RequestHead) -> Admission | None:
        if request.host != HOST:
            return None
        port = 1 if request.path == "/nobody" else self._port
        lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
        seconds = 0.05 if request.path == "/short" else 60
        permissions = iter([True]) if request.path == "/revoked" else repeat(True)
        head = f"{request.method} / HTTP/1.1\r\n{lines}\r\n".encode()
        return Passage(Address(port, ""), head, seconds, lambda: next(permissions, False))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingTCPServer(("127.0.0.1", 0), Echo) as echo:
        echo.daemon_threads = True
        threading.Thread(target=echo.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        with serving(begin, Pages(echo.server_address[1]).admit) as server:
            yield server.config.port
        echo.shutdown()


def ask(port: int, target: str = "/", *, method: str = "PUT", host: str = HOST, body: bytes = b"") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, target, body, {"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_bodies_of_any_length_pass_both_ways(port: int) -> None:
    assert ask(port, body=LARGE) == (200, LARGE)
    assert ask(port) == (200, b"")


def test_a_web_socket_passes_texts_both_ways(port: int) -> None:
    with WebSocket(port, HOST, "/", {}) as web_socket:
        texts = web_socket.texts()
        for text in ("hello", "x" * 300_000):
            web_socket.send(text)
            assert next(texts) == text


def test_a_connection_ends_with_its_session(port: int) -> None:
    # On a busy machine it has ended before the server's answer comes.
    with pytest.raises((ConnectionResetError, StopIteration)), WebSocket(port, HOST, "/short", {}) as web_socket:
        next(web_socket.texts())


def test_a_web_socket_ends_once_its_permission_is_taken_away(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Source: `CreatePresignedNotebookInstanceUrl` in the API reference: policies hold for each frame as well."""
    monkeypatch.setattr(relay, "MAY_GO_ON_SECONDS", 0.05)
    with pytest.raises((ConnectionResetError, StopIteration)), WebSocket(port, HOST, "/revoked", {}) as web_socket:
        next(web_socket.texts())


def test_what_is_not_admitted_is_told_why(port: int) -> None:
    other = HOST.replace("mine", "other")
    assert ask(port, host=other) == (403, b"No page of this name is open. Make a URL that opens it.\n")
    for asked in (ask(port, "/nobody"), ask(port, method="DELETE")):
        assert asked == (502, b"The server of this page does not answer.\n")


@pytest.mark.parametrize(
    "head",
    [
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: y\nZ: z\r\n\r\n".encode(),
    ],
)
def test_a_head_that_is_not_read_is_no_request(port: int, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(head)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


def test_a_head_may_come_in_pieces_up_to_its_longest(port: int) -> None:
    begin = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(begin + b"X: ")
        connection.sendall(b"y\r\n")
        connection.sendall(b"\r\n")
        assert connection.makefile("rb").read().endswith(b"\r\nConnection: close\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(begin + b"X: " + b"y" * LONGEST_HEAD_BYTES)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"
