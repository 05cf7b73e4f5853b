"""InvokeEndpoint: from a request to the answer of a container. This is the hot path, so it touches no record.

The way of a request: find the route of the endpoint, check the size, choose the variant by weight (or by
`TargetVariant`) and its least busy instance, send the request on, and turn what comes back into what SageMaker's
runtime answers. Each step calls the next one, with no task between them: a request is sent on in the same turn of the
event loop in which it was read, and so is its answer. Source: the API reference of `InvokeEndpoint`, and answers seen
from AWS.
"""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from sagecraft_catalog import partition

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.http_connection import ContainerResponse, Outcome
from sagecraft_emulator.container.known_head import made_of
from sagecraft_emulator.errors import ApiError, RequestLost, RequestNotSent

from .invocation_metrics import InvocationMetrics
from .route import InstanceRoute, Route, VariantRoute

MAX_BODY_BYTES: Final = 6_291_456
TIMEOUT_SECONDS: Final = 60.0
SUSPECT_SECONDS: Final = 1.0

LOG_GROUP: Final = "/aws/sagemaker/Endpoints/"
VARIANT_HEADER: Final = "x-Amzn-Invoked-Production-Variant"
TARGET_VARIANT_HEADER: Final = "x-amzn-sagemaker-target-variant"
_NO_TARGETS: Final = (
    ("x-amzn-sagemaker-target-model", "is not a multi-model endpoint and does not support target model header."),
    (
        "x-amzn-sagemaker-target-container-hostname",
        "has no container that is invoked directly and does not support target container hostname header.",
    ),
    (
        "x-amzn-sagemaker-inference-component",
        "has no inference components and does not support inference component header.",
    ),
)
"""What no endpoint here can be asked for, and why it is refused; the first is AWS's text."""
_PASSED_ON: Final = (
    ("content-type", "Content-Type"),
    ("accept", "Accept"),
    ("x-amzn-sagemaker-custom-attributes", "X-Amzn-SageMaker-Custom-Attributes"),
    ("x-amzn-sagemaker-inference-id", "X-Amzn-SageMaker-Inference-Id"),
)
_PASSED_BACK: Final = (
    ("content-type", "Content-Type"),
    ("x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-custom-attributes"),
)
_PROCESS_ID: Final = str(uuid.uuid4()).rpartition("-")[0]
_REQUEST_NUMBERS: Final = itertools.count(1)

Headers = Mapping[str, str]
FindRoute = Callable[[Caller, str], Route | None]
AwaitRoute = Callable[[Caller, str], Awaitable[Route]]


class InvocationResponse(NamedTuple):
    """What the client is answered."""

    status: int
    headers: dict[str, str]
    body: bytes


Answer = Callable[[InvocationResponse], None]
"""Gives an invocation its answer; called once, on the event loop, perhaps before what begins the invocation returns."""


async def answer_of(begin: Callable[[Answer], None]) -> InvocationResponse:
    """Awaits the answer of an invocation.

    Args:
        begin: Begins it.
    """
    answered: asyncio.Future[InvocationResponse] = asyncio.get_running_loop().create_future()

    def answer(response: InvocationResponse) -> None:
        if not answered.done():  # who waited may have gone
            answered.set_result(response)

    begin(answer)
    return await answered


class _Asked(NamedTuple):
    """What the headers of an invocation say.

    Attributes:
        head: What stands in the head of the container's request, but for the length of the body.
        target: The variant that is asked for.
        no_target: Why the endpoint cannot be asked for what else is.
    """

    head: str
    target: str | None
    no_target: str | None


class Invoker:
    """Carries invocations to the containers. Runs on the server's event loop.

    Args:
        find_route: Gives the route of an endpoint, or None where there is none at the moment.
        await_route: Gives the route of an endpoint that comes back, or raises `ApiError`.
        metrics: Counts what is done.
    """

    def __init__(self, find_route: FindRoute, await_route: AwaitRoute, metrics: InvocationMetrics) -> None:
        self._find_route, self._await_route = find_route, await_route
        self._metrics = metrics
        self._waiting: set[asyncio.Task[None]] = set()

    def begin(
        self, caller: Caller, endpoint_name: str, headers: Mapping[str, str], body: bytes, answer: Answer
    ) -> None:
        """Begins one `InvokeEndpoint`.

        Args:
            caller: Whose endpoint it is.
            endpoint_name: Its name.
            headers: Headers of the request, names in lower case.
            body: Body of the request.
            answer: Gets the answer.
        """
        invocation = _Invocation(self._metrics, caller, endpoint_name, headers, body, answer)
        route = self._find_route(caller, endpoint_name)
        if route is not None:
            invocation.take(route)
            return
        task = asyncio.get_running_loop().create_task(self._begin_later(invocation))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _begin_later(self, invocation: "_Invocation") -> None:
        try:
            route = await self._await_route(invocation.caller, invocation.endpoint_name)
        except ApiError as refused:
            invocation.answer(refusal(refused))
        else:
            invocation.take(route)


class _Invocation:
    """One invocation on its way."""

    __slots__ = (
        "_body",
        "_headers",
        "_instance",
        "_metrics",
        "_received",
        "_request",
        "_sent",
        "_tried",
        "_variant",
        "answer",
        "caller",
        "endpoint_name",
    )

    def __init__(
        self,
        metrics: InvocationMetrics,
        caller: Caller,
        endpoint_name: str,
        headers: Mapping[str, str],
        body: bytes,
        answer: Answer,
    ) -> None:
        self.caller, self.endpoint_name, self.answer = caller, endpoint_name, answer
        self._metrics, self._headers, self._body = metrics, headers, body
        self._tried: list[InstanceRoute] = []

    def take(self, route: Route) -> None:
        """Takes a route to the endpoint."""
        try:
            if len(self._body) > MAX_BODY_BYTES:
                raise ApiError("413", f"HTTP content length exceeded {MAX_BODY_BYTES} bytes.", 413)
            asked = made_of(self._headers, _asked)
            if asked.no_target is not None:
                raise ApiError("ValidationError", f"Endpoint {self.endpoint_name} {asked.no_target}", 400)
            self._variant = _variant(route, self.caller, self.endpoint_name, asked.target)
        except ApiError as refused:
            self.answer(refusal(refused))
            return
        self._received = time.monotonic()
        self._request = f"{asked.head}Content-Length: {len(self._body)}\r\n\r\n".encode("latin-1") + self._body
        self._send()

    def _send(self) -> None:
        """Sends the request to the next instance that has not been tried."""
        while (instance := self._variant.choose(self._tried)) is not None:
            pool = instance.pool
            if pool is None:
                self._tried.append(instance)
                continue
            # Between the choice and this line no other request runs, so an instance that is drained sees every one.
            instance.in_flight += 1
            self._instance, self._sent = instance, time.monotonic()
            pool.send(self._request, TIMEOUT_SECONDS, self._take_outcome)
            return
        self.answer(refusal(_nobody_answers(self._variant)))

    def _take_outcome(self, outcome: Outcome) -> None:
        instance = self._instance
        instance.in_flight -= 1
        if isinstance(outcome, RequestNotSent):
            self._tried.append(instance)
            self._send()
            return
        answered = time.monotonic()
        if isinstance(outcome, ContainerResponse):
            instance.answered = answered
        elif isinstance(outcome, RequestLost):
            instance.suspect_until = answered + SUSPECT_SECONDS
        failure = _model_failure(outcome)
        self._metrics.count(
            (self.caller, self.endpoint_name, self._variant.name),
            status=200 if failure is None else failure[0],
            from_model=failure is not None,
            model_seconds=answered - self._sent,
            overhead_seconds=self._sent - self._received,
        )
        if failure is None:
            assert isinstance(outcome, ContainerResponse)  # noqa: S101 - everything else is a failure
            self.answer(_success(self._variant, outcome))
        else:
            self.answer(_model_error(self.caller, self.endpoint_name, self._variant, instance, failure))


def _success(variant: VariantRoute, response: ContainerResponse) -> InvocationResponse:
    passed = made_of(response.headers, _passed_back)
    return InvocationResponse(
        200, {VARIANT_HEADER: variant.name, "x-amzn-RequestId": _request_id(), **passed}, response.body
    )


def _passed_back(headers: Headers) -> dict[str, str]:
    return {name: headers[key] for key, name in _PASSED_BACK if key in headers}


def _nobody_answers(variant: VariantRoute) -> ApiError:
    return ApiError(
        "ServiceUnavailable",
        f"No instance of variant '{variant.name}' answers at the moment. Its log says why; a process that ended is "
        "started again.",
        503,
    )


def _variant(route: Route, caller: Caller, endpoint_name: str, target: str | None) -> VariantRoute:
    if target is None:
        return route.choose_variant()
    if target not in route.variants:
        raise ApiError(
            "ValidationError",
            f"Variant {target} of endpoint {endpoint_name} of account {caller.account} not found. "
            f"It has: {', '.join(route.variants)}.",
            400,
        )
    return route.variants[target]


def _asked(headers: Headers) -> _Asked:
    passed = "".join(f"{name}: {headers[key]}\r\n" for key, name in _PASSED_ON if key in headers)
    return _Asked(
        f"POST /invocations HTTP/1.1\r\nHost: localhost\r\n{passed}",
        headers.get(TARGET_VARIANT_HEADER),
        next((reason for header, reason in _NO_TARGETS if header in headers), None),
    )


def _model_failure(outcome: ContainerResponse | RequestLost | TimeoutError) -> tuple[int, str] | None:
    """The `OriginalStatusCode` and `OriginalMessage` of an answer that is not a success."""
    match outcome:
        case ContainerResponse(status=status) if 200 <= status < 300:
            return None
        case ContainerResponse(status=status, body=body):
            return status, body.decode(errors="replace")
        case TimeoutError():
            return 0, (
                "Your invocation timed out while waiting for a response from container primary. Review the latency "
                "metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
            )
        case RequestLost():
            return 500, f"The container gave no answer: {outcome}"


def _model_error(
    caller: Caller, name: str, variant: VariantRoute, instance: InstanceRoute, failure: tuple[int, str]
) -> InvocationResponse:
    status, message = failure
    region, account = caller.region, caller.account
    group = f"{LOG_GROUP}{name}"
    if 400 <= status < 500:
        fault, code = "client", "CLIENT_ERROR_FROM_MODEL"
    else:
        fault, code = "server", "INTERNAL_FAILURE_FROM_MODEL"
    console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group}"
    members: dict[str, str | int] = {
        "ErrorCode": code,
        "LogStreamArn": (
            f"arn:{partition(region)}:logs:{region}:{account}:log-group:{group}:log-stream:"
            f"{variant.name}/{instance.instance_id}"
        ),
        "Message": (
            f'Received {fault} error ({status}) from primary with message "{message}". See {console} in account '
            f"{account} for more information."
        ),
        "OriginalMessage": message,
        "OriginalStatusCode": status,
    }
    return _error("ModelError", 424, members)


def refusal(refused: ApiError) -> InvocationResponse:
    """The answer to an invocation that is refused before it reaches a container."""
    return _error(refused.code, refused.http_status, {"Message": refused.message})


def _error(code: str, status: int, members: Mapping[str, str | int]) -> InvocationResponse:
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": _request_id(), "x-amzn-ErrorType": code}
    return InvocationResponse(status, headers, json.dumps(members).encode())


def _request_id() -> str:
    """A request id in the form of a UUID that no other request of this process has, at a tenth of a real one's cost."""
    return f"{_PROCESS_ID}-{next(_REQUEST_NUMBERS):012x}"
