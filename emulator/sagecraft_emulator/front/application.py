"""The front of the emulator: where each request goes.

In this order: an invocation of an endpoint, straight to the containers; the emulator's own `/_sagecraft/...`;
everything else to the host, which hands requests for SageMaker's control plane to our service.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.credential import AccountOf, Credential, caller_of, read_credential
from sagecraft_emulator.container.known_head import made_of
from sagecraft_emulator.hosting.invocation import Answer, InvocationResponse, answer_of

from .asgi import AsgiApp, Receive, Send
from .browser import Headers, Refusal, refusal

ENDPOINTS: Final = "/endpoints/"
INVOCATIONS: Final = "/invocations"
ADMIN: Final = "/_sagecraft/"
MAX_HEADER_BYTES: Final = 64 * 1024
"""Of all headers of a request. Nothing of AWS takes as many, and what reads headers may search them again and again."""
TOO_LARGE: Final = Refusal(431, f"The headers of a request have up to {MAX_HEADER_BYTES} bytes.")
REQUEST_ID: Final = b"x-amzn-requestid"
RESETS: Final = ("/_ministack/reset", "/moto-api/reset", "/_localstack/state/reset")
"""Where clients of other emulators ask for a reset, which is the same one."""

Query = Mapping[str, str]
AdminAnswer = tuple[int, Mapping[str, Any]]
AdminHandler = Callable[[str, str, Query, bytes], Awaitable[AdminAnswer]]
"""Method, path after `/_sagecraft/`, query, body -> status, JSON."""
BeginInvocation = Callable[[Caller, str, Headers, bytes, Answer], None]


class Application:
    """The ASGI application.

    Args:
        begin_invocation: Begins an invocation of an endpoint.
        admin: Answers the emulator's own requests.
        host: Answers everything else, and gets the lifespan.
        touched: Called when a request of the host may have changed its state.
        account_of: Asks the host whose an access key is.
    """

    def __init__(
        self,
        begin_invocation: BeginInvocation,
        admin: AdminHandler,
        host: AsgiApp,
        touched: Callable[[], None],
        account_of: AccountOf,
    ) -> None:
        self._begin_invocation = begin_invocation
        self._admin = admin
        self._host = host
        self._touched = touched
        self._account_of = account_of

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "lifespan":
            await self._host(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path: str = f"{ADMIN}reset" if scope["path"] in RESETS else scope["path"]
        refused = _refusal(headers)
        if scope["type"] == "websocket":
            await (self._host(scope, receive, send) if refused is None else send({"type": "websocket.close"}))
        elif refused is not None:
            await _send_json(send, refused.status, {"message": refused.message})
        elif scope["method"] == "POST" and path.startswith(ENDPOINTS) and path.endswith(INVOCATIONS):
            name = path[len(ENDPOINTS) : -len(INVOCATIONS)]
            answer = await answer_of(partial(self.begin_invocation, name, headers, await _read(receive)))
            await _send(send, answer.status, answer.headers, answer.body)
        elif path.startswith(ADMIN):
            query = {name: values[-1] for name, values in _query(scope).items()}
            status, members = await self._admin(scope["method"], path[len(ADMIN) :], query, await _read(receive))
            await _send_json(send, status, members)
        else:
            try:
                await self._host(scope, receive, _with_one_request_id(send))
            finally:
                self._touched()

    def begin_invocation(self, name: str, headers: Headers, body: bytes, answer: Answer) -> None:
        """Begins one invocation.

        Args:
            name: Of the endpoint, as it stands in the path.
            headers: Of the request, names in lower case.
            body: Of the request.
            answer: Gets the answer.
        """
        refused = made_of(headers, _refusal)
        if refused is not None:
            told = json.dumps({"message": refused.message}).encode()
            answer(InvocationResponse(refused.status, {"Content-Type": "application/json"}, told))
            return
        caller = caller_of(made_of(headers, _credential), self._account_of)
        self._begin_invocation(caller, unquote(name), headers, body, answer)


def _refusal(headers: Headers) -> Refusal | None:
    size = sum(map(len, headers)) + sum(map(len, headers.values()))
    return TOO_LARGE if size > MAX_HEADER_BYTES else refusal(headers)


def _credential(headers: Headers) -> Credential | None:
    return read_credential(headers.get("authorization", ""))


def _query(scope: Mapping[str, Any]) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


def _with_one_request_id(send: Send) -> Send:
    """Sends the id that a service gave a request, and not a second one that the host has for all of them."""

    async def send_one(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            ids = [line for line in message["headers"] if line[0].lower() == REQUEST_ID]
            others = [line for line in message["headers"] if line[0].lower() != REQUEST_ID]
            message = {**message, "headers": [*others, *ids[:1]]}
        await send(message)

    return send_one


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _send_json(send: Send, status: int, members: Mapping[str, Any]) -> None:
    await _send(send, status, {"Content-Type": "application/json"}, json.dumps(members).encode())


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    lines.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
