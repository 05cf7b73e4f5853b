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

MAX_PAYLOAD_MB: Final = 6
"""What `/execution-parameters` tells batch transform; a longer body is answered all the same."""
INLINE_BYTES: Final = 32_768
"""A body up to this size is answered at once; a longer one in a thread, so that `/ping` answers meanwhile."""

_TEXT: Final = "text/plain; charset=utf-8"


class Application:
    """The ASGI application of one worker.

    Args:
        load: Loads the model; called once, before the first request is taken.
        workers: How many workers there are, for `/execution-parameters`.
        inline: Whether short requests are answered on the event loop. Only for predictions that take a millisecond.
    """

    def __init__(self, load: Callable[[], Predictor], workers: int, *, inline: bool) -> None:
        self._load = load
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
                status, answer = await self._invoke(scope["headers"], await _read(receive))
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

    async def _invoke(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> tuple[HTTPStatus, Prediction]:
        assert self._predictor is not None  # noqa: S101 - the server takes no request before the model is loaded
        named = dict(headers)
        content_type, accept = _text(named.get(b"content-type")), _text(named.get(b"accept"))
        try:
            if len(body) <= self._inline_bytes:
                return HTTPStatus.OK, self._predictor.predict(body, content_type, accept)
            return HTTPStatus.OK, await asyncio.to_thread(self._predictor.predict, body, content_type, accept)
        except RequestError as error:
            return error.status, _message(str(error))
        except UserError as error:
            return HTTPStatus.BAD_REQUEST, _message(str(error))
        except Exception as error:
            # The caller is told what failed; the traceback, which may show the model's code, stays in the log.
            logger.exception("The model failed on a request of %d bytes", len(body))
            message = f"The model failed: {type(error).__name__}: {error}. The endpoint's log has the traceback."
            return HTTPStatus.INTERNAL_SERVER_ERROR, _message(message)

    def _execution_parameters(self) -> Prediction:
        parameters = {
            "MaxConcurrentTransforms": self._workers,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": MAX_PAYLOAD_MB,
        }
        return Prediction(json.dumps(parameters).encode(), "application/json")


async def _read(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return body
    parts = [message["body"]]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _message(text: str) -> Prediction:
    return Prediction(text.encode(), _TEXT)
