"""A connection's socket in the hands of a thread, for bodies too large for the event loop.

Through uvicorn and ASGI each 64 KiB of a body cost a turn of the event loop, and wait for all others there. So a thread
reads the rest of a request's body from the socket, or writes an answer's from files, while uvicorn stands aside.
"""

import asyncio
import os
import select
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .request_clock import BODY_SECONDS

EXTENSION: Final = "sagecraft.lent_socket"
"""Where a request's `LentSocket` stands in the extensions of its ASGI scope."""
FILES_EXTENSION: Final = "sagecraft.files"
"""Where what `TakesFiles` stands there: the same, or what a request has that comes by no socket."""
BLOCK_BYTES: Final = 2**19
BLOCKS: Final = 4
"""That there are of one request: while one is read, others are still in the hands of who takes them."""
_FLUSHED_SECONDS: Final = 0.005
_THREADS: Final = ThreadPoolExecutor(64, thread_name_prefix="lent-socket")

Take = Callable[[memoryview], None]
"""Takes a block, and may keep it while it returns as often as there are other blocks."""
Piece = tuple[Path, int, int]
"""A file, and where in it a piece of an answer begins, and how long it is."""


class Disconnected(Exception):
    """The client is gone before the body's end."""


class TakesFiles(Protocol):
    """Takes files in the place of an answer's body."""

    async def send(self, pieces: Iterable[Piece]) -> None:
        """Has the pieces sent, as all of the answer's body. Its start has been sent, with its length.

        Raises:
            Disconnected: The client does not take them.
        """


class LentSocket:
    """What one request can do with the socket that it came by.

    Args:
        protocol: Of the connection.
        cycle: Of the request.
    """

    def __init__(self, protocol: "LendingProtocol", cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle

    def body_bytes(self) -> int | None:
        """How long the request's body is, if it says so and its rest can be read here."""
        if self._protocol.cycle is not self._cycle:
            return None  # it was pipelined
        lengths = [value for name, value in self._cycle.scope["headers"] if name == b"content-length"]
        return int(lengths[0]) if len(lengths) == 1 and lengths[0].isdigit() else None

    async def receive(self, body_bytes: int, take: Take) -> None:
        """Reads the request's body to its end.

        Args:
            body_bytes: How long it is.
            take: Gets it, on a thread.

        Raises:
            Disconnected: It has no end.
        """
        cycle, protocol = self._cycle, self._protocol
        if cycle.waiting_for_100_continue:
            protocol.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            cycle.waiting_for_100_continue = False
        protocol.flow.pause_reading()
        begin, cycle.body = cycle.body, bytearray()
        rest = body_bytes - protocol.received_bytes if cycle.more_body else 0

        def read(lent: socket.socket) -> None:
            take(memoryview(begin))
            _read(lent, rest, take)

        if cycle.disconnected:
            raise Disconnected
        await self._on_a_thread(read)
        if cycle.more_body:
            protocol.on_message_complete()
            # The parser waits for a body that it will not see. Of the next request nothing has been read.
            protocol.parser = httptools.HttpRequestParser(protocol)

    async def send(self, pieces: Iterable[Piece]) -> None:
        """As `TakesFiles` says."""
        await asyncio.sleep(0)  # what has been written leaves at the end of a turn
        while self._protocol.transport.get_write_buffer_size() and not self._cycle.disconnected:
            await asyncio.sleep(_FLUSHED_SECONDS)
        if self._cycle.disconnected:
            raise Disconnected
        await self._on_a_thread(lambda lent: _write(lent, pieces))
        self._cycle.expected_content_length = 0

    async def _on_a_thread(self, work: Callable[[socket.socket], None]) -> None:
        descriptor = os.dup(self._protocol.transport.get_extra_info("socket").fileno())
        lent = socket.socket(fileno=descriptor)
        working = asyncio.get_running_loop().run_in_executor(_THREADS, work, lent)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            lent.shutdown(socket.SHUT_RDWR)  # wakes the thread
            raise
        except BaseException as error:
            self._cycle.keep_alive = False  # what comes next on the connection is not known
            if isinstance(error, Disconnected):
                self._cycle.disconnected = True
                self._protocol.transport.abort()
            raise
        finally:
            working.add_done_callback(lambda _: lent.close())


class LendingProtocol(HttpToolsProtocol):
    """Uvicorn's protocol of a connection, that lends its socket to its requests."""

    received_bytes = 0
    """How much of the present request's body has come through the parser."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.received_bytes = 0

    def on_headers_complete(self) -> None:
        """All headers of the request have come."""
        super().on_headers_complete()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        lent = LentSocket(self, self.cycle)
        scope["extensions"] = {EXTENSION: lent, FILES_EXTENSION: lent}

    def on_body(self, body: bytes) -> None:
        """A piece of the request's body."""
        self.received_bytes += len(body)
        super().on_body(body)


def _read(lent: socket.socket, count: int, take: Take) -> None:
    blocks = [memoryview(bytearray(min(BLOCK_BYTES, count))) for _ in range(BLOCKS)]
    while count:
        block = blocks[0][:count]
        filled = 0
        while filled < len(block):
            try:
                got = lent.recv_into(block[filled:])
            except BlockingIOError:
                _wait(lent, select.POLLIN)
                continue
            except ConnectionError as error:
                raise Disconnected from error
            if got == 0:
                raise Disconnected
            filled += got
        take(block)
        count -= filled
        blocks.append(blocks.pop(0))


def _write(lent: socket.socket, pieces: Iterable[Piece]) -> None:
    for path, first, length in pieces:
        with path.open("rb") as file:
            begin, end = first, first + length
            while begin < end:
                try:
                    sent = os.sendfile(lent.fileno(), file.fileno(), begin, end - begin)
                except BlockingIOError:
                    _wait(lent, select.POLLOUT)
                    continue
                except ConnectionError as error:
                    raise Disconnected from error
                if sent == 0:
                    raise EOFError(f"{path} is shorter than its object")
                begin += sent


def _wait(lent: socket.socket, event: int) -> None:
    poll = select.poll()
    poll.register(lent, event)
    if not poll.poll(BODY_SECONDS * 1000):
        raise Disconnected
