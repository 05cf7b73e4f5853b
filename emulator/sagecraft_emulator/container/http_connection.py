"""Keep-alive HTTP/1.1 connections to one container on this machine, with as little done per request as can be.

Everything here runs on one event loop. What becomes of a request is told by a call from where its last byte is read:
a task and a future per request would cost more than all else that is done for it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, cast

import httptools

from sagecraft_emulator.errors import RequestLost, RequestNotSent

from .known_head import KnownHeaders, KnownHeads

IDLE_SECONDS: Final = 1.0
"""A connection that was idle for longer is not used again: the server may be about to close it (gunicorn does after
2 s), and a request on a connection that closes cannot be told from one that was lost on the way."""


class ContainerResponse(NamedTuple):
    """What a container answered; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Head(NamedTuple):
    """What stands before the body of an answer after which the connection goes on."""

    status: int
    headers: Mapping[str, str]


_heads: Final = KnownHeads[_Head]()
Outcome = ContainerResponse | RequestNotSent | RequestLost | TimeoutError
"""What becomes of a request: an answer; or the container does not accept connections, closed the connection without an
answer, or has not answered in time."""
TakeOutcome = Callable[[Outcome], None]


class HttpConnection(asyncio.Protocol):
    """One connection; carries one request at a time.

    Args:
        pool: Whose it is.
    """

    def __init__(self, pool: "ConnectionPool") -> None:
        self.idle_since = 0.0
        self.closed = False
        self._pool = pool
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._take_outcome: TakeOutcome | None = None
        self._reading = False
        self._headers = KnownHeaders()
        self._chunks: list[bytes] = []
        self._ends_with_connection = False
        self._response: ContainerResponse | None = None
        self._deadline = self._timer_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without being its subclass

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        if self._take_outcome is None:
            self.close()
            return
        known = None if self._reading else _heads.find(data)
        if known is None:
            self._parse(data)
        else:
            (status, headers), body = known
            self._finish(ContainerResponse(status, headers, body))

    def _parse(self, data: bytes) -> None:
        is_begin, self._reading = not self._reading, True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.closed = True
            if self._response is None:
                self._finish(RequestLost(f"it answered what is not HTTP: {error}"))
        if self._response is not None:
            self._reading = False
            status, headers, body = self._response
            if is_begin and not self.closed:
                _heads.remember(data, len(body), _Head(status, headers))
            self._finish(self._response)

    def eof_received(self) -> None:
        """The container sends no more."""
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._take_outcome is None:
            self._pool.forget(self)
        elif self._ends_with_connection:
            self._finish(self._read())
        else:
            why = f"the connection closed before the answer was complete{f' ({exc})' if exc else ''}"
            self._finish(RequestLost(why))

    def send(self, request: bytes, timeout_seconds: float, take_outcome: TakeOutcome) -> None:
        """Sends a whole request; `take_outcome` gets the whole answer, or why there is none."""
        assert self._transport is not None  # noqa: S101 - create_connection returned it
        self._ends_with_connection = False
        self._response = None
        self._take_outcome = take_outcome
        self._deadline = self._loop.time() + timeout_seconds
        if self._timer is None or self._timer_at > self._deadline:
            self._set_timer()
        self._transport.write(request)

    def close(self) -> None:
        """Closes the connection at once."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def on_message_begin(self) -> None:
        """A message begins; behind an answer that is complete there must be none."""
        self._headers, self._chunks = KnownHeaders(), []
        self.closed = self.closed or self._response is not None

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
        if self._response is None and self._parser.get_status_code() >= 200:  # 100 Continue and its like come before
            self._response = self._read()
            self.closed = self.closed or not self._parser.should_keep_alive()

    def _read(self) -> ContainerResponse:
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        return ContainerResponse(self._parser.get_status_code(), self._headers, body)

    def _finish(self, outcome: Outcome) -> None:
        take_outcome, self._take_outcome = self._take_outcome, None
        if take_outcome is not None:
            self._pool.take_back(self, outcome)
            take_outcome(outcome)

    def _set_timer(self) -> None:
        """One timer serves all requests of the connection: it is set again when it finds that it is too early."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = self._deadline
        self._timer = self._loop.call_at(self._timer_at, self._time_out)

    def _time_out(self) -> None:
        self._timer = None
        if self._take_outcome is None:
            return
        if self._deadline > self._timer_at:
            self._set_timer()
        else:
            self._finish(TimeoutError())


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
        self._connecting: set[asyncio.Task[None]] = set()

    def send(self, request: bytes, timeout_seconds: float, take_outcome: TakeOutcome) -> None:
        """Sends a whole request.

        Args:
            request: Its bytes.
            timeout_seconds: How long the answer may take.
            take_outcome: Is called once, later, with what becomes of it.
        """
        connection = self._idle_connection()
        if connection is not None:
            connection.send(request, timeout_seconds, take_outcome)
            return
        task = asyncio.get_running_loop().create_task(self._connect(request, timeout_seconds, take_outcome))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def take_back(self, connection: HttpConnection, outcome: Outcome) -> None:
        """Takes a connection that has carried its request."""
        if isinstance(outcome, ContainerResponse) and not connection.closed:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
            return
        connection.close()
        if isinstance(outcome, RequestLost):
            self.close_idle()  # the container may have crashed, and its other connections with it

    def forget(self, connection: HttpConnection) -> None:
        """Lets go of a connection that the container has closed."""
        if connection in self._idle:
            self._idle.remove(connection)

    def close_idle(self) -> None:
        """Closes all connections that carry no request."""
        while self._idle:
            self._idle.pop().close()

    def _idle_connection(self) -> HttpConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and time.monotonic() - connection.idle_since < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def _connect(self, request: bytes, timeout_seconds: float, take_outcome: TakeOutcome) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(lambda: HttpConnection(self), self._host, self._port)
        except OSError as error:
            take_outcome(RequestNotSent(str(error)))
        else:
            connection.send(request, timeout_seconds, take_outcome)
