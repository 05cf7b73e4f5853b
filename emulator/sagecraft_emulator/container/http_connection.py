"""Keep-alive HTTP/1.1 connections to one container on this machine, with as little done per request as can be.

Everything here runs on one event loop.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Final, cast

import httptools

from sagecraft_emulator.errors import RequestLost, RequestNotSent

IDLE_SECONDS: Final = 1.0
"""A connection that was idle for longer is not used again: the server may be about to close it (gunicorn does after
2 s), and a request on a connection that closes cannot be told from one that was lost on the way."""


@dataclass(frozen=True)
class ContainerResponse:
    """What a container answered; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class HttpConnection(asyncio.Protocol):
    """One connection; carries one request at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.closed = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[ContainerResponse] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without being its subclass

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"it answered what is not HTTP: {error}")

    def eof_received(self) -> None:
        """The container sends no more."""
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.closed = True
        if self._answer is not None and not self._answer.done():
            if self._ends_with_connection:
                self.on_message_complete()
            else:
                self._fail(f"the connection closed before the answer was complete{f' ({exc})' if exc else ''}")

    def send(self, request: bytes) -> asyncio.Future[ContainerResponse]:
        """Sends a whole request; the future ends with the whole answer, or with `RequestLost`."""
        assert self._transport is not None  # noqa: S101 - create_connection returned it
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._chunks: list[bytes] = []
        self._ends_with_connection = False
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Closes the connection at once."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """All headers of the answer have come."""
        framed = "content-length" in self._headers or "transfer-encoding" in self._headers
        self._ends_with_connection = not framed

    def on_body(self, body: bytes) -> None:
        """A piece of the answer's body."""
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        """The answer is complete."""
        status = self._parser.get_status_code()
        if status < 200:  # 100 Continue and its like come before the answer
            self._headers.clear()
            return
        self.closed = self.closed or not self._parser.should_keep_alive()
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(ContainerResponse(status, self._headers, body))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(RequestLost(reason))
        self.close()


class ConnectionPool:
    """The connections to one port of this machine.

    Args:
        host: Where the container listens.
        port: Its port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._idle: deque[HttpConnection] = deque()

    async def request(self, request: bytes, timeout_seconds: float) -> ContainerResponse:
        """Sends a whole request and returns the whole answer.

        Raises:
            RequestNotSent: The container does not accept connections.
            TimeoutError: It has not answered in time.
            RequestLost: It closed the connection without an answer.
        """
        connection = self._idle_connection() or await self._connect()
        try:
            answer = connection.send(request)
            timer = answer.get_loop().call_later(timeout_seconds, _time_out, answer)
            try:
                response = await answer
            finally:
                timer.cancel()
        except BaseException as error:
            connection.close()
            if isinstance(error, RequestLost):
                self._close_idle()  # the container may have crashed, and its other connections with it
            raise
        if connection.closed:
            connection.close()
        else:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        return response

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _idle_connection(self) -> HttpConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and time.monotonic() - connection.idle_since < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def _connect(self) -> HttpConnection:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(HttpConnection, self._host, self._port)
        except OSError as error:
            raise RequestNotSent(str(error)) from error
        return connection


def _time_out(answer: asyncio.Future[ContainerResponse]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())
