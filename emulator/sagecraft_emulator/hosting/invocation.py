"""InvokeEndpoint: from a request to the answer of a container. This is the hot path, so it touches no record.

The way of a request: find the route of the endpoint, check the size, choose the variant by weight (or by
`TargetVariant`) and its least busy instance, send the request on, and turn what comes back into what SageMaker's
runtime answers. Source: the API reference of `InvokeEndpoint`, and answers seen from AWS.
"""

import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sagecraft_catalog import partition

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.http_connection import ContainerResponse
from sagecraft_emulator.errors import ApiError, RequestLost, RequestNotSent

from .invocation_metrics import InvocationMetrics
from .route import InstanceRoute, Route, VariantRoute

MAX_BODY_BYTES: Final = 6_291_456
TIMEOUT_SECONDS: Final = 60.0
SUSPECT_SECONDS: Final = 1.0

LOG_GROUP: Final = "/aws/sagemaker/Endpoints/"
VARIANT_HEADER: Final = "x-Amzn-Invoked-Production-Variant"
TARGET_VARIANT_HEADER: Final = "x-amzn-sagemaker-target-variant"
_PASSED_ON: Final = (
    ("content-type", "Content-Type"),
    ("accept", "Accept"),
    ("x-amzn-sagemaker-custom-attributes", "X-Amzn-SageMaker-Custom-Attributes"),
    ("x-amzn-sagemaker-inference-id", "X-Amzn-SageMaker-Inference-Id"),
)
_PASSED_BACK: Final = ("x-amzn-sagemaker-custom-attributes",)

Headers = Mapping[str, str]
FindRoute = Callable[[Caller, str], Awaitable[Route]]


@dataclass(frozen=True)
class InvocationResponse:
    """What the client is answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Invoker:
    """Carries invocations to the containers. Runs on the server's event loop.

    Args:
        find_route: Gives the route of an endpoint, or raises `ApiError`.
        metrics: Counts what is done.
    """

    def __init__(self, find_route: FindRoute, metrics: InvocationMetrics) -> None:
        self._find_route = find_route
        self._metrics = metrics

    async def invoke(
        self, caller: Caller, endpoint_name: str, headers: Mapping[str, str], body: bytes
    ) -> InvocationResponse:
        """Answers one `InvokeEndpoint`.

        Args:
            caller: Whose endpoint it is.
            endpoint_name: Its name.
            headers: Headers of the request, names in lower case.
            body: Body of the request.
        """
        try:
            return await self._invoke(caller, endpoint_name, headers, body)
        except ApiError as refused:
            return refusal(refused)

    async def _invoke(self, caller: Caller, name: str, headers: Mapping[str, str], body: bytes) -> InvocationResponse:
        route = await self._find_route(caller, name)
        if len(body) > MAX_BODY_BYTES:
            raise ApiError("413", f"HTTP content length exceeded {MAX_BODY_BYTES} bytes.", 413)
        variant = _variant(route, caller, name, headers.get(TARGET_VARIANT_HEADER))
        received = time.perf_counter()
        instance, sent, outcome = await self._send(variant, _request(headers, body))
        answered = time.perf_counter()
        failure = _model_failure(outcome)
        self._metrics.count(
            (caller, name, variant.name),
            status=200 if failure is None else failure[0],
            from_model=failure is not None,
            model_seconds=answered - sent,
            overhead_seconds=sent - received,
        )
        if failure is not None:
            return _model_error(caller, name, variant, instance, failure)
        assert isinstance(outcome, ContainerResponse)  # noqa: S101 - everything else is a failure
        answer = {VARIANT_HEADER: variant.name, "x-amzn-RequestId": _request_id()}
        if "content-type" in outcome.headers:
            answer["Content-Type"] = outcome.headers["content-type"]
        answer.update({header: outcome.headers[header] for header in _PASSED_BACK if header in outcome.headers})
        return InvocationResponse(200, answer, outcome.body)

    async def _send(
        self, variant: VariantRoute, request: bytes
    ) -> tuple[InstanceRoute, float, ContainerResponse | RequestLost | TimeoutError]:
        """Tries one instance after the other until one has been sent the request."""
        tried: list[InstanceRoute] = []
        while (instance := variant.choose(tried)) is not None:
            pool = instance.pool
            if pool is None:
                tried.append(instance)
                continue
            # Between the choice and this line nothing is awaited, so an instance that is drained sees every request.
            instance.in_flight += 1
            sent = time.perf_counter()
            try:
                answer = await pool.request(request, TIMEOUT_SECONDS)
            except RequestNotSent:
                tried.append(instance)
            except RequestLost as failure:
                instance.suspect_until = time.monotonic() + SUSPECT_SECONDS
                return instance, sent, failure
            except TimeoutError as failure:
                return instance, sent, failure
            else:
                instance.answered = time.monotonic()
                return instance, sent, answer
            finally:
                instance.in_flight -= 1
        raise ApiError(
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


def _request(headers: Mapping[str, str], body: bytes) -> bytes:
    lines = ["POST /invocations HTTP/1.1\r\nHost: localhost\r\n"]
    lines += [f"{name}: {headers[key]}\r\n" for key, name in _PASSED_ON if key in headers]
    lines.append(f"Content-Length: {len(body)}\r\n\r\n")
    return "".join(lines).encode("latin-1") + body


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
    """A request id in the form of a UUID, at a fifth of the cost of a real one."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
