"""The front's fast way for invocations: their connections are served here, most others by uvicorn's own protocol.

Uvicorn makes one of these per connection. A request that begins with `POST /endpoints/NAME/invocations` is read, handed
on and answered with as little done as can be; at the first other request the connection is given away for good: to the
page that it is for, else to uvicorn.
Invocations that come on such a connection go through the ASGI application, which answers them in the same way.

No task is made: a complete request is handed on from where its last byte is read, and its answer written by a call.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

import httptools

from sagecraft_emulator.container.known_head import KnownHeaders, KnownHeads
from sagecraft_emulator.hosting.invocation import MAX_BODY_BYTES, Answer, InvocationResponse

from .browser import is_for_page
from .lent_socket import LendingProtocol
from .relay import Admit, PageProtocol
from .request_clock import RequestClock

_INVOCATION: Final = re.compile(rb"POST /endpoints/[^/ ?]+/invocations HTTP/1\.1\r\n")
_PATH: Final = re.compile(rb"/endpoints/([^/ ?]+)/invocations")
_STATUS_LINES: Final = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n" for each in HTTPStatus}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = "Connection: close\r\n"
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


BeginInvocation = Callable[[str, Mapping[str, str], bytes, Answer], None]
"""Name of the endpoint as it stands in the path, headers with names in lower case, body, what gets the answer."""


class _Head(NamedTuple):
    """What stands before the body of a request.

    Attributes:
        name: Of the endpoint, as it stands in the path; None where the request is no invocation.
        headers: Names in lower case.
        keep_alive: Whether the connection is to stay open.
    """

    name: str | None
    headers: KnownHeaders
    keep_alive: bool


_Request = tuple[_Head, bytes]
"""One that has been read whole. Its body is longer than the limit where it is refused for its size."""
_heads: Final = KnownHeads[_Head]()


class InvocationProtocol(asyncio.Protocol):
    """One connection to the front.

    Args:
        begin: Begins an invocation.
        admit: Decides of requests for pages.
        server: What uvicorn gives a protocol: its configuration, and the state that all connections share.
    """

    def __init__(self, begin: BeginInvocation, admit: Admit, **server: Any) -> None:
        self._begin, self._admit = begin, admit
        self._server = server
        self._connections: set[object] = server["server_state"].connections
        self._keep_alive_seconds: float = server["config"].timeout_keep_alive
        self._loop = asyncio.get_running_loop()
        self._requests: deque[_Request] = deque()
        self._parser: Any = None
        self._reading = self._answering = self._keep_alive = False
        self._closing = False
        self._writable = True
        self._idle_since = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without being its subclass
        self._connections.add(self)
        self._clock = RequestClock(self._transport)
        self._idle_timer = self._loop.call_later(self._keep_alive_seconds, self._close_when_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; what is being answered goes on, as at SageMaker."""
        del exc
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        self._first = b""
        if not self._answering and not self._reading:
            known = None if self._requests else _heads.find(data)
            if known is not None and self._writable:
                self._begin_one(*known)
                return
            if _INVOCATION.match(data) is None:
                self._give_away(data)
                return
            self._first = data
        if self._parser is None:
            self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._transport.write(_BAD_REQUEST)
            self._transport.close()
        if self._reading:
            self._clock.received(len(data), in_body=self._in_body)

    def pause_writing(self) -> None:
        """The client takes answers more slowly than they come."""
        self._writable = False

    def resume_writing(self) -> None:
        """The client has taken what was written."""
        self._writable = True
        self._begin_next()

    def shutdown(self) -> None:
        """Closes the connection once the present request is answered; called by uvicorn at its end."""
        self._closing = True
        if not self._answering:
            self._transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._reading, self._in_body = True, False
        self._path = b""
        self._headers = KnownHeaders()
        self._chunks: list[bytes] = []
        self._size = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the request."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """All headers of the request have come."""
        self._in_body = True
        if "expect" in self._headers and self._headers["expect"].lower() == "100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A piece of the request's body; what is beyond the limit is not kept, the rest is refused for its size."""
        if self._size <= MAX_BODY_BYTES:
            self._chunks.append(body)
            self._size += len(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._reading = False
        self._clock.complete()
        path = _PATH.fullmatch(self._path) if self._parser.get_method() == b"POST" else None
        name = None if path is None else path[1].decode("latin-1")
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        head = _Head(name, self._headers, self._parser.should_keep_alive())
        if self._first and "expect" not in self._headers:
            _heads.remember(self._first, self._size, head)
        if self._answering or self._requests or not self._writable:
            self._requests.append((head, body))
            self._transport.pause_reading()
        else:
            self._begin_one(head, body)

    def _begin_one(self, head: _Head, body: bytes) -> None:
        name, headers, self._keep_alive = head
        if name is None:
            self._transport.close()  # it was pipelined; a client sends it again on another connection
            return
        self._answering = True
        self._begin(name, headers, body, self._answer)

    def _begin_next(self) -> None:
        if self._answering or not self._writable or self._transport.is_closing():
            return
        if self._requests:
            self._begin_one(*self._requests.popleft())
        else:
            self._transport.resume_reading()

    def _answer(self, answer: InvocationResponse) -> None:
        self._answering = False
        self._idle_since = self._loop.time()
        if self._transport.is_closing():
            return
        keep_alive = self._keep_alive and not self._closing
        status, headers, body = answer
        head = _STATUS_LINES[status]
        for name, value in headers.items():
            head += f"{name}: {value}\r\n"
        head += f"Content-Length: {len(body)}\r\n{'' if keep_alive else _CLOSE}\r\n"
        self._transport.write(head.encode("latin-1") + body)
        if not keep_alive:
            self._transport.close()
        elif self._requests or not self._transport.is_reading():
            self._loop.call_soon(self._begin_next)  # not from here: this may be a call of the one that begins it

    def _close_when_idle(self) -> None:
        busy = self._answering or self._reading
        idle_seconds = 0.0 if busy else self._loop.time() - self._idle_since
        if idle_seconds >= self._keep_alive_seconds:
            self._transport.close()
        else:
            self._idle_timer = self._loop.call_later(self._keep_alive_seconds - idle_seconds, self._close_when_idle)

    def _give_away(self, data: bytes) -> None:
        self._leave()
        protocol = PageProtocol(self._admit, self._connections) if is_for_page(data) else _OtherProtocol(**self._server)
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        protocol.data_received(data)

    def _leave(self) -> None:
        self._connections.discard(self)
        self._clock.stop()
        if self._idle_timer is not None:
            self._idle_timer.cancel()


class _OtherProtocol(LendingProtocol):
    """Uvicorn's protocol, which lends its socket, with a clock. The clock stands while another reads."""

    _coming = _in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The connection is there."""
        self._clock = RequestClock(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._clock.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        super().data_received(data)
        if self._coming:
            self._clock.received(len(data), in_body=self._in_body)

    def handle_websocket_upgrade(self) -> None:
        """The connection is no longer one of requests."""
        self._clock.stop()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._coming, self._in_body = True, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """All headers of the request have come."""
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._coming = False
        self._clock.complete()
        super().on_message_complete()


def web_socket_protocol(**server: Any) -> asyncio.Protocol:
    """What uvicorn is to make of a connection that becomes a web socket, as its `ws` setting; few ever do."""
    from uvicorn.protocols.websockets.auto import AutoWebSocketsProtocol  # noqa: PLC0415 - takes long to import

    assert AutoWebSocketsProtocol is not None  # noqa: S101 - the host requires wsproto
    return AutoWebSocketsProtocol(**server)


def front_protocol(begin: BeginInvocation, admit: Admit) -> type[asyncio.Protocol]:
    """What uvicorn is to make for each connection, as its `http` setting.

    Args:
        begin: Begins an invocation.
        admit: Decides of requests for pages.
    """

    class FrontProtocol(InvocationProtocol):
        """The protocol of one application."""

        def __init__(self, **server: Any) -> None:
            super().__init__(begin, admit, **server)

    return FrontProtocol
