"""The container's HTTP interface: `GET /ping`, `POST /invocations`, `GET /execution-parameters`."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from sagecraft_containers import contract
from sagecraft_containers.errors import UserError

from .predictor import Prediction, Predictor, RequestError

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

DEFAULT_MAX_PAYLOAD_MB: Final = 6
"""What `/execution-parameters` tells batch transform where bodies have no limit."""
_MIB: Final = 1 << 20
INLINE_BYTES: Final = 32_768
"""A body up to this size is answered at once; a longer one in a thread, so that `/ping` answers meanwhile."""

_TEXT: Final = "text/plain; charset=utf-8"


class Application:
    """The ASGI application of one worker.

    Args:
        load: Loads the model; called once, before the first request is taken.
        workers: How many workers there are, for `/execution-parameters`.
        inline: Whether short requests are answered on the event loop. Only for predictions that take a millisecond.
        max_body_bytes: How long a request's body may be; None for any length.
    """

    def __init__(
        self, load: Callable[[], Predictor], workers: int, *, inline: bool, max_body_bytes: int | None = None
    ) -> None:
        self._load = load
        self._max_body_bytes = max_body_bytes
        self._workers = workers
        self._inline_bytes = INLINE_BYTES if inline else -1
        self._predictor: Predictor | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answers one request, or the server's start and end."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        match scope["path"], scope["method"]:
            case contract.INVOCATIONS_PATH, "POST":
                status, answer = await self._invoke(scope["headers"], receive)
            case contract.PING_PATH, "GET":
                status, answer = HTTPStatus.OK, Prediction(b"", _TEXT)
            case contract.EXECUTION_PARAMETERS_PATH, "GET":
                status, answer = HTTPStatus.OK, self._execution_parameters()
            case ((contract.INVOCATIONS_PATH | contract.PING_PATH | contract.EXECUTION_PARAMETERS_PATH), method):
                status, answer = HTTPStatus.METHOD_NOT_ALLOWED, _message(f"{scope['path']} does not take {method}.")
            case path, _:
                status, answer = HTTPStatus.NOT_FOUND, _message(f"There is no {path}.")
        headers = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._predictor = self._load()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _invoke(self, headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> tuple[HTTPStatus, Prediction]:
        assert self._predictor is not None  # noqa: S101 - the server takes no request before the model is loaded
        body = await _read(receive, self._max_body_bytes)
        if body is None:
            message = (
                f"The body is longer than {self._max_body_bytes:,} bytes ({contract.MAX_CONTENT_LENGTH_VARIABLE})."
            )
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _message(message)
        named = dict(headers)
        content_type, accept = _text(named.get(b"content-type")), _text(named.get(b"accept"))
        try:
            if len(body) <= self._inline_bytes:
                answer = self._predictor.predict(body, content_type, accept)
            else:
                answer = await asyncio.to_thread(self._predictor.predict, body, content_type, accept)
        except RequestError as error:
            return error.status, _message(str(error))
        except UserError as error:
            return HTTPStatus.BAD_REQUEST, _message(str(error))
        except Exception as error:
            # The caller is told what failed; the traceback, which may show the model's code, stays in the log.
            logger.exception("The model failed on a request of %d bytes", len(body))
            message = f"The model failed: {type(error).__name__}: {error}. The endpoint's log has the traceback."
            return HTTPStatus.INTERNAL_SERVER_ERROR, _message(message)
        return answer.status, answer

    def _execution_parameters(self) -> Prediction:
        parameters = {
            "MaxConcurrentTransforms": self._workers,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": (
                DEFAULT_MAX_PAYLOAD_MB if self._max_body_bytes is None else self._max_body_bytes // _MIB
            ),
        }
        return Prediction(json.dumps(parameters).encode(), "application/json")


async def _read(receive: Receive, max_bytes: int | None) -> bytes | None:
    """The body of a request; None where it is longer than it may be, of which nothing is kept."""
    message = await receive()
    part: bytes = message.get("body", b"")
    parts, size = [part], len(part)
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if max_bytes is None or size <= max_bytes:
            parts.append(part)
        else:
            parts.clear()
    return None if max_bytes is not None and size > max_bytes else b"".join(parts)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _message(text: str) -> Prediction:
    return Prediction(text.encode(), _TEXT)
