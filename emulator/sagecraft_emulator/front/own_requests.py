"""Requests of this process to the application that it serves itself: they are handed over, without a connection."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from .asgi import AsgiApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

TIMEOUT_SECONDS: Final = 60
LARGE_BYTES: Final = 1 << 20
_CLIENT: Final = ("127.0.0.1", 0)


class OwnRequests:
    """Answers botocore's requests. Call it on threads other than the event loop's.

    What is large comes and goes in pieces, and so through a connection; what is read with GET may be.

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
        if loop is None or not loop.is_running() or request.method == "GET" or _is_large(request):
            return None
        exchange = _Exchange(_body(request.body))
        scope = _scope(request, len(exchange.body))

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
        return AWSResponse(request.url, exchange.status, exchange.headers, _Raw(exchange.answer.getvalue()))  # type: ignore[arg-type]  # what it reads of urllib3's


class _Exchange:
    """A request's body, and what is answered."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.status: int = HTTPStatus.INTERNAL_SERVER_ERROR
        self.headers: dict[str, str] = {}
        self.answer = BytesIO()

    async def receive(self) -> dict[str, Any]:
        """The whole body."""
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        """Takes a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self.answer.write(message.get("body", b""))


class _Raw(BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> "Iterator[bytes]":
        """All of it."""
        yield self.getvalue()


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
