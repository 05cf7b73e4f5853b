"""A data plane of SageMaker's that is asked by AWS's REST JSON protocol, by its service model: from request to answer.

Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.errors import ApiError, not_done

from .caller import Caller
from .json_body import read_json
from .json_protocol import HttpResponse
from .kind import Operation
from .service_model import operation_model, parse_request, service_model, shape_response

if TYPE_CHECKING:
    from botocore.model import OperationModel

logger = logging.getLogger(__name__)

_LABEL: Final = re.compile(r"\{(\w+)\+?\}")

Query = Mapping[str, Sequence[str]]
Authorize = Callable[[str, str], None]
"""Passes an action, as IAM names it, on an ARN; or raises `ApiError`."""
ArnsOf = Callable[[Caller, Mapping[str, Any]], Iterable[str]]
"""The ARNs of what a request is on."""


@dataclass(frozen=True)
class _Route:
    model: "OperationModel"
    method: str
    path: re.Pattern[str]


@dataclass(frozen=True)
class RestCall:
    """A request for an operation of a service, not yet read.

    Attributes:
        model: The operation.
        labels: What of it stands in the path.
        query: What follows the question mark.
        body: The rest.
    """

    model: "OperationModel"
    labels: Mapping[str, str]
    query: Query
    body: bytes


class RestService:
    """Answers for a service. Safe for use from several threads.

    Args:
        name: As botocore calls it.
        operations: What it does.
        arns_of: What a request is on, for its permissions.
        invalid: The code of an answer to a wrong request.
    """

    def __init__(
        self, name: str, operations: Mapping[str, Operation], arns_of: ArnsOf, invalid: str = "ValidationException"
    ) -> None:
        self.name, self._operations, self._arns_of, self._invalid = name, operations, arns_of, invalid

    def find(self, method: str, path: str, query: Query, body: bytes) -> RestCall | None:
        """What a request asks of this service; None where it is for another one. The path is decoded."""
        for route in self._routes:
            match = route.path.fullmatch(path) if route.method == method else None
            if match is not None:
                return RestCall(route.model, match.groupdict(), query, body)
        return None

    def handle(self, call: RestCall, caller: Caller, authorize: Authorize | None = None) -> HttpResponse:
        """Answers a request that `find` found; without a function that authorizes, everybody may do all."""
        request_id = str(uuid.uuid4())
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id}
        operation = call.model.name
        try:
            answer = self._answer(call, caller, authorize)
            return HttpResponse(HTTPStatus.OK, headers, answer)
        except ApiError as error:
            code, message = self._invalid if error.code == "ValidationException" else error.code, error.message
            status = self._status(call.model, code, error.http_status)
        except Exception:
            logger.exception("%s failed, request id %s", operation, request_id)
            code, status = "InternalFailure", int(HTTPStatus.INTERNAL_SERVER_ERROR)
            message = f"The emulator failed to do '{operation}'. Its log has the traceback under {request_id}."
        return HttpResponse(status, {**headers, "x-amzn-ErrorType": code}, json.dumps({"Message": message}).encode())

    def _answer(self, call: RestCall, caller: Caller, authorize: Authorize | None) -> bytes:
        behaviour = self._operations.get(call.model.name)
        if behaviour is None:
            title, done = service_model(self.name).metadata["serviceFullName"], ", ".join(sorted(self._operations))
            raise not_done(
                f"The operation '{call.model.name}' of {title} is not done by this emulator. It does: {done}."
            )
        request = parse_request(call.model, _members(call))
        if authorize is not None:
            for arn in self._arns_of(caller, request):
                authorize(f"sagemaker:{call.model.name}", arn)
        answer = behaviour(caller, request)
        return json.dumps(shape_response(call.model, answer)).encode() if call.model.output_shape is not None else b""

    def _status(self, model: "OperationModel", code: str, given: int) -> int:
        declared = {shape.name: shape.metadata.get("error", {}).get("httpStatusCode") for shape in model.error_shapes}
        return int(declared.get(code) or given)

    @cached_property
    def _routes(self) -> Sequence[_Route]:
        """Those with the longest paths first, because a label may hold a slash: an ARN does."""
        model = service_model(self.name)
        operations = (operation_model(name, self.name) for name in model.operation_names)
        routes = [_Route(each, each.http["method"], _pattern(each.http["requestUri"])) for each in operations]
        return sorted(routes, key=lambda route: len(route.path.pattern), reverse=True)


def _pattern(uri: str) -> re.Pattern[str]:
    """What matches the paths of a URI template, each label under its name."""
    pieces = _LABEL.split(uri.partition("?")[0])
    return re.compile("".join(f"(?P<{each}>.+)" if at % 2 else re.escape(each) for at, each in enumerate(pieces)))


def _members(call: RestCall) -> dict[str, Any]:
    """The members of a request, from wherever they stand."""
    shape = call.model.input_shape
    assert shape is not None, call.model.name  # noqa: S101 - every operation of these services has one
    members = read_json(call.body)
    for name, member in shape.members.items():
        spelt = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                members[name] = call.labels[spelt]
            case "querystring" if spelt in call.query:
                given = call.query[spelt]
                members[name] = list(given) if member.type_name == "list" else given[0]
    return members
