"""Requests of this process to the application that it serves itself: they are handed over, without a connection."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from http import HTTPStatus
from io import BytesIO, FileIO, RawIOBase
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from .asgi import AsgiApp
from .lent_socket import FILES_EXTENSION, Piece

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

TIMEOUT_SECONDS: Final = 60
LARGE_BYTES: Final = 1 << 20
_CLIENT: Final = ("127.0.0.1", 0)


class OwnRequests:
    """Answers botocore's requests. Call it on threads other than the event loop's.

    What is large goes in pieces, and so through a connection. What comes of files is read from these.

    Args:
        application: Answers requests on the event loop.
        loop: Returns the event loop; None before it runs.
        touched: Called when a request may have changed what the application keeps.
    """

    def __init__(
        self,
        application: AsgiApp,
        loop: Callable[[], asyncio.AbstractEventLoop | None],
        touched: Callable[[], None],
    ) -> None:
        self._application, self._loop, self._touched = application, loop, touched

    def send(self, request: "AWSPreparedRequest") -> "AWSResponse | None":
        """The answer to a request; None for one that has to go through a connection.

        Raises:
            ReadTimeoutError: There is none in time.
        """
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415 - slow, and not needed by the emulator's start
        from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415 - as above

        loop = self._loop()
        if loop is None or not loop.is_running() or _is_large(request):
            return None
        exchange = _Exchange(_body(request.body))
        scope = {**_scope(request, len(exchange.body)), "extensions": {FILES_EXTENSION: exchange.files}}

        async def answer() -> None:
            await self._application(scope, exchange.receive, exchange.send)

        # In a context of its own, as a connection has one.
        answered = Context().run(asyncio.run_coroutine_threadsafe, answer(), loop)
        try:
            answered.result(TIMEOUT_SECONDS)
        except TimeoutError as error:
            answered.cancel()
            raise ReadTimeoutError(endpoint_url=request.url) from error
        finally:
            self._touched()
        return AWSResponse(request.url, exchange.status, exchange.headers, exchange.answered())  # type: ignore[arg-type]  # what it reads of urllib3's


class _Exchange:
    """A request's body, and what is answered."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status: int = HTTPStatus.INTERNAL_SERVER_ERROR
        self.headers: dict[str, str] = {}
        self.files = _Files()
        self._answer = BytesIO()

    def answered(self) -> "_Raw | _Files":
        """The answer's body, to be read."""
        return self.files if self.files.pieces is not None else _Raw(self._answer.getvalue())

    async def receive(self) -> dict[str, Any]:
        """The whole body."""
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        """Takes a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self._answer.write(message.get("body", b""))


class _Raw(BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it."""
        yield self.getvalue()


class _Files(RawIOBase):
    """A body as botocore reads it, in files, each of which is opened when it is come to."""

    def __init__(self) -> None:
        self.pieces: Iterator[Piece] | None = None
        self._file: FileIO | None = None
        self._left = 0

    async def send(self, pieces: Iterable[Piece]) -> None:
        """As `TakesFiles` says."""
        self.pieces = iter(pieces)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads some of what is next."""
        file = self._present()
        return 0 if file is None else self._took(file.readinto(memoryview(buffer)[: self._left]))

    def read(self, size: int | None = -1) -> bytes:
        """Reads some of what is next, or all, without a copy in between."""
        if size is None or size < 0:
            return self.readall()
        file = self._present()
        block = b"" if file is None else file.read(min(size, self._left))
        if file is not None:
            self._took(len(block))
        return block

    def stream(self, **_: object) -> Iterator[bytes]:
        """All of it."""
        yield self.read()

    def close(self) -> None:
        """Nothing more is read."""
        self.pieces = None
        self._left = 0
        self._end_file()
        super().close()

    def _present(self) -> FileIO | None:
        """The file that is next read of; None at the end."""
        while not self._left:
            self._end_file()
            piece = next(self.pieces or iter(()), None)
            if piece is None:
                return None
            path, begin, self._left = piece
            self._file = path.open("rb", buffering=0)
            self._file.seek(begin)
        return self._file

    def _took(self, count: int) -> int:
        if not count:
            raise EOFError("A file is shorter than its object")
        self._left -= count
        return count

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _is_large(request: "AWSPreparedRequest") -> bool:
    """Whether a request's body is larger than it should be in memory, or may be."""
    length = request.headers.get("content-length", "0" if request.body is None else None)
    return length is None or int(length) > LARGE_BYTES


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else body.read()


def _scope(request: "AWSPreparedRequest", length: int) -> dict[str, Any]:
    """The request as a server would give it to the application."""
    url = urlsplit(request.url)
    given = {name.lower(): value for name, value in request.headers.items()}
    headers = {**given, "host": url.netloc, "content-length": str(length)}
    for of_connections in ("expect", "transfer-encoding"):
        headers.pop(of_connections, None)
    return {
        "type": "http",
        "http_version": "1.1",
        "scheme": url.scheme,
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.path.encode("ascii"),
        "query_string": url.query.encode("ascii"),
        "headers": [(name.encode("latin-1"), _bytes(value)) for name, value in headers.items()],
        "client": _CLIENT,
    }


def _bytes(value: "str | bytes") -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8")
