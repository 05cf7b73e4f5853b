"""A keep-alive HTTP/1.1 connection to a container of a job, for one thread: batch transform may ask once per record."""

import socket
import time
from collections.abc import Mapping
from typing import Final

import httptools

from sagecraft_emulator.errors import RequestLost

from .http_connection import IDLE_SECONDS, ContainerResponse

_RECEIVE_BYTES: Final = 1 << 18


class BlockingConnection:
    """Connects when it is first used, and again when the container closed it.

    Args:
        host: Where the container listens.
        port: Its port.
        timeout_seconds: How long an answer, and each part of it, may take.
    """

    def __init__(self, host: str, port: int, timeout_seconds: float) -> None:
        self._address, self._timeout_seconds = (host, port), timeout_seconds
        self._socket: socket.socket | None = None
        self._idle_since = 0.0

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> ContainerResponse:
        """Sends a whole request and returns the whole answer.

        Raises:
            TimeoutError: It has not answered in time.
            RequestLost: It closed the connection without an answer, or answered what is not HTTP.
            OSError: The container does not accept connections.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        connection = self._connected()
        answer = _Answer()
        try:
            connection.sendall(head.encode("latin-1") + body)
            while not answer.complete:
                answer.feed(connection.recv(_RECEIVE_BYTES))
        except BaseException:
            self.close()
            raise
        if not answer.keeps_alive:
            self.close()
        self._idle_since = time.monotonic()
        return answer.response()

    def close(self) -> None:
        """Closes the connection; it may be used again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if time.monotonic() - self._idle_since > IDLE_SECONDS:
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._address, self._timeout_seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket


class _Answer:
    """An answer that comes in parts."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self.complete = self._has_headers = False
        self.keeps_alive = True

    def feed(self, data: bytes) -> None:
        """Takes the next bytes; none mean that the container has closed the connection."""
        try:
            if data:
                self._parser.feed_data(data)
                return
        except httptools.HttpParserError as error:
            raise RequestLost(f"it answered what is not HTTP: {error}") from error
        framed = "content-length" in self._headers or "transfer-encoding" in self._headers
        if framed or not self._has_headers:
            raise RequestLost("the connection closed before the answer was complete")
        self.complete, self.keeps_alive = True, False  # the end of the connection ends the body

    def response(self) -> ContainerResponse:
        """The answer, once it is complete."""
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        return ContainerResponse(self._parser.get_status_code(), self._headers, body)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """All headers have come."""
        self._has_headers = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is complete."""
        if self._parser.get_status_code() < 200:  # 100 Continue and its like come before the answer
            self._headers.clear()
            self._has_headers = False
            return
        self.complete = True
        self.keeps_alive = self._parser.should_keep_alive()
