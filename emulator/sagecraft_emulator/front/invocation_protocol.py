"""The front's fast way for invocations: their connections are served here, all others by uvicorn's own protocol.

Uvicorn makes one of these per connection. A request that begins with `POST /endpoints/NAME/invocations` is read, handed
on and answered with as little done as can be; at the first other request the connection is given to uvicorn for good.
Invocations that come on such a connection go through the ASGI application, which answers them in the same way.
"""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sagecraft_emulator.hosting.invocation import MAX_BODY_BYTES, InvocationResponse

_INVOCATION: Final = re.compile(rb"POST /endpoints/([^/ ?]+)/invocations HTTP/1\.1\r\n")
_STATUS_LINES: Final = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n" for each in HTTPStatus}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = "Connection: close\r\n"
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


AnswerInvocation = Callable[[str, Mapping[str, str], bytes], Awaitable[InvocationResponse]]
"""Name of the endpoint as it stands in the path, headers with names in lower case, body -> answer."""


@dataclass
class _Request:
    """One invocation, as far as it has been read."""

    path: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    keep_alive: bool = True


class InvocationProtocol(asyncio.Protocol):
    """One connection to the front.

    Args:
        answer: Answers an invocation.
        server: What uvicorn gives a protocol: its configuration, and the state that all connections share.
    """

    def __init__(self, answer: AnswerInvocation, **server: Any) -> None:
        self._answer = answer
        self._server = server
        self._connections: set[object] = server["server_state"].connections
        self._keep_alive_seconds: float = server["config"].timeout_keep_alive
        self._loop = asyncio.get_running_loop()
        self._requests: deque[_Request] = deque()
        self._reading: _Request | None = None
        self._parser: Any = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._idle_since = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without being its subclass
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; what is being answered goes on, as at SageMaker."""
        del exc
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        if self._task is None and self._reading is None and _INVOCATION.match(data) is None:
            self._give_to_uvicorn(data)
            return
        if self._parser is None:
            self._parser = httptools.HttpRequestParser(self)
            self._idle_timer = self._loop.call_later(self._keep_alive_seconds, self._close_when_idle)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._transport.write(_BAD_REQUEST)
            self._transport.close()

    def shutdown(self) -> None:
        """Closes the connection once the present request is answered; called by uvicorn at its end."""
        self._closing = True
        if self._task is None:
            self._transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._reading = _Request()

    def on_url(self, url: bytes) -> None:
        """A piece of the request's target."""
        self._present.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the request."""
        self._present.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """All headers of the request have come."""
        request = self._present
        request.keep_alive = self._parser.should_keep_alive()
        if request.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A piece of the request's body; what is beyond the limit is not kept, the rest is refused for its size."""
        request = self._present
        if request.size <= MAX_BODY_BYTES:
            request.chunks.append(body)
            request.size += len(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._requests.append(self._present)
        self._reading = None
        if self._task is None:
            self._task = self._loop.create_task(self._answer_all())
        else:
            self._transport.pause_reading()

    @property
    def _present(self) -> _Request:
        assert self._reading is not None  # noqa: S101 - the parser calls on_message_begin first
        return self._reading

    async def _answer_all(self) -> None:
        try:
            while self._requests and not self._transport.is_closing():
                await self._answer_one(self._requests.popleft())
        finally:
            self._task = None
            self._idle_since = self._loop.time()
            if not self._transport.is_closing():
                self._transport.resume_reading()

    async def _answer_one(self, request: _Request) -> None:
        found = _INVOCATION.match(b"POST " + request.path + b" HTTP/1.1\r\n")
        if found is None:
            # A pipelined request that is none of ours; a client sends it again on another connection.
            self._transport.close()
            return
        body = request.chunks[0] if len(request.chunks) == 1 else b"".join(request.chunks)
        answer = await self._answer(found[1].decode("latin-1"), request.headers, body)
        lines = [_STATUS_LINES[answer.status], *(f"{name}: {value}\r\n" for name, value in answer.headers.items())]
        keep_alive = request.keep_alive and not self._closing
        lines.append(f"Content-Length: {len(answer.body)}\r\n{'' if keep_alive else _CLOSE}\r\n")
        self._transport.write("".join(lines).encode("latin-1") + answer.body)
        if not keep_alive:
            self._transport.close()

    def _close_when_idle(self) -> None:
        idle_seconds = self._loop.time() - self._idle_since if self._task is None and self._reading is None else 0.0
        if idle_seconds >= self._keep_alive_seconds:
            self._transport.close()
        else:
            self._idle_timer = self._loop.call_later(self._keep_alive_seconds - idle_seconds, self._close_when_idle)

    def _give_to_uvicorn(self, data: bytes) -> None:
        self._leave()
        protocol = HttpToolsProtocol(**self._server)
        protocol.connection_made(self._transport)
        self._transport.set_protocol(protocol)
        protocol.data_received(data)

    def _leave(self) -> None:
        self._connections.discard(self)
        if self._idle_timer is not None:
            self._idle_timer.cancel()


def front_protocol(answer: AnswerInvocation) -> type[asyncio.Protocol]:
    """What uvicorn is to make for each connection, as its `http` setting.

    Args:
        answer: Answers an invocation.
    """

    class FrontProtocol(InvocationProtocol):
        """The protocol of one application."""

        def __init__(self, **server: Any) -> None:
            super().__init__(answer, **server)

    return FrontProtocol
