"""A browser's connection to the server of a page: one request, that was admitted, and all that follows it on both ways.

Nothing is read of what passes but the head of the request. That is what keeps a page whose server is slow, or hostile,
from having this process do anything but copy.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast

from sagecraft_emulator.pages.gate import Admission, PageAnswer, Passage, later
from sagecraft_emulator.pages.request import HEAD_END, RequestHead
from sagecraft_emulator.settings import HOST

from .request_clock import RequestClock

MAY_GO_ON_SECONDS: Final = 5.0
"""After each of these a connection that lasts is asked for its permission again."""
LONGEST_HEAD_BYTES: Final = 65_536
_BAD_REQUEST: Final = PageAnswer(HTTPStatus.BAD_REQUEST, "This is no request that a page is asked with.")
_UNKNOWN: Final = PageAnswer(HTTPStatus.FORBIDDEN, "No page of this name is open. Make a URL that opens it.")
_UNREACHABLE: Final = later(HTTPStatus.BAD_GATEWAY, "The server of this page does not answer.")

Admit = Callable[[RequestHead], Admission | None]


class PageProtocol(asyncio.Protocol):
    """One connection of a browser.

    Args:
        admit: Decides of a request; None where it knows no page of that name.
        connections: Those of the server, which closes them at its end.
    """

    def __init__(self, admit: Admit, connections: set[object]) -> None:
        self._admit, self._connections = admit, connections
        self._head = b""
        self._server: _ServerProtocol | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one without being its subclass
        self._connections.add(self)
        self._clock = RequestClock(self.transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of the request, or what follows it."""
        if self._server is not None:
            self._server.transport.write(data)
            return
        self._head += data
        end = self._head.find(HEAD_END)
        if end < 0 and len(self._head) <= LONGEST_HEAD_BYTES:
            self._clock.received(len(data), in_body=False)
        elif self._connecting is None:
            self._clock.complete()
            self.transport.pause_reading()
            self._take(RequestHead.read(self._head[:end]) if end >= 0 else None, self._head[end + len(HEAD_END) :])

    def _take(self, request: RequestHead | None, rest: bytes) -> None:
        admission = _BAD_REQUEST if request is None else self._admit(request)
        match admission:
            case Passage():
                self._connecting = asyncio.ensure_future(self._connect(admission, rest))
            case _:
                self.answer(_UNKNOWN if admission is None else admission)

    async def _connect(self, passage: Passage, rest: bytes) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, server = await loop.create_connection(lambda: _ServerProtocol(self), HOST, passage.address.port)
        except OSError:
            self.answer(_UNREACHABLE)
            return
        if self.transport.is_closing():
            server.transport.abort()
            return
        self._server = server
        self._go_on(passage, loop.time() + passage.seconds)
        server.transport.write(passage.head + rest)
        self.transport.resume_reading()

    def _go_on(self, passage: Passage, ends: float) -> None:
        """Lets the connection last, until its session ends or its permission is taken away."""
        loop = asyncio.get_running_loop()
        left = ends - loop.time()
        if left <= 0 or not passage.may_go_on():
            self.shutdown()
        else:
            self._end = loop.call_later(min(left, MAY_GO_ON_SECONDS), self._go_on, passage, ends)

    def answer(self, answer: PageAnswer) -> None:
        """Answers in the place of the server."""
        self.transport.write(answer.message())
        self.transport.close()

    def pause_writing(self) -> None:
        """The browser takes more slowly than comes."""
        if self._server is not None and not self._server.transport.is_closing():
            self._server.transport.pause_reading()

    def resume_writing(self) -> None:
        """The browser has taken what was written."""
        if self._server is not None and not self._server.transport.is_closing():
            self._server.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        del exc
        self._connections.discard(self)
        self._clock.stop()
        if self._end is not None:
            self._end.cancel()
        if self._server is not None:
            self._server.transport.close()

    def shutdown(self) -> None:
        """Closes the connection; also called by uvicorn at its end."""
        self.transport.abort()


class _ServerProtocol(asyncio.Protocol):
    """The other end: the connection to the server."""

    def __init__(self, browser: PageProtocol) -> None:
        self._browser = browser
        self._has_answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._has_answered = True
        self._browser.transport.write(data)

    def pause_writing(self) -> None:
        if not self._browser.transport.is_closing():
            self._browser.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._browser.transport.is_closing():
            self._browser.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._has_answered:
            self._browser.transport.close()
        else:
            self._browser.answer(_UNREACHABLE)
