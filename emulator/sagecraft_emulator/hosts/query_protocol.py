"""CloudWatch's Query protocol, read and written by the service model around what a host answers in JSON.

ministack writes its Query answers by hand, with some of their members; its JSON answers have all. Older SDKs and
providers ask by Query. The form of the protocol: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

# botocore takes a fifth of the emulator's start to import, which needs none of it: so the first request does.
# ruff: noqa: PLC0415

SERVICE: Final = "cloudwatch"
OK: Final = 200
SERVER_FAULT: Final = 500
JSON_TYPE: Final = "application/x-amz-json-1.0"

Parameters = Mapping[str, str]
ServiceAnswer = tuple[int, dict[str, str], bytes]
ServiceHandler = Callable[[str, str, Mapping[str, str], bytes, Mapping[str, list[str]]], Awaitable[ServiceAnswer]]


def with_query(handler: ServiceHandler) -> ServiceHandler:
    """CloudWatch's handler, asked in JSON for what came by Query; any other request goes on as it is."""

    async def answer(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        operation = None if "x-amz-target" in headers or "smithy-protocol" in headers else _operation(body, query)
        if operation is None:
            return await handler(method, path, headers, body, query)
        given = {} if operation.input_shape is None else _read(operation.input_shape, _parameters(body, query), "")
        target = f"{_model().metadata['targetPrefix']}.{operation.name}"
        asked = {**headers, "content-type": JSON_TYPE, "x-amz-target": target}
        status, _, answered = await handler("POST", "/", asked, json.dumps(given or {}).encode(), {})
        members = json.loads(answered or b"{}")
        written = _success(operation, members) if status == OK else _error(operation, status, members)
        return status, {"Content-Type": "text/xml"}, written.encode()

    return answer


@cache
def _model() -> "ServiceModel":
    from botocore.model import ServiceModel

    from sagecraft_emulator.api.model_files import model_loader

    return ServiceModel(model_loader().load_service_model(SERVICE, "service-2"), SERVICE)


def _operation(body: bytes, query: Mapping[str, list[str]]) -> "OperationModel | None":
    name = _parameters(body, query).get("Action", "")
    return _model().operation_model(name) if name in _model().operation_names else None


def _parameters(body: bytes, query: Mapping[str, list[str]]) -> Parameters:
    in_body = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in {**query, **in_body}.items()}


def _read(shape: Any, parameters: Parameters, name: str) -> Any:
    """The value of a shape whose parameters are called `name`, or begin with it; None where there are none."""
    below = f"{name}." if name else ""
    match shape.type_name:
        case "structure":
            members = {member: _read(inner, parameters, below + member) for member, inner in shape.members.items()}
            return {member: value for member, value in members.items() if value is not None} or None
        case "list":
            return _read_all(lambda item: _read(shape.member, parameters, item), f"{below}member")
        case "map":
            entries = _read_all(
                lambda item: [_read(each, parameters, f"{item}.{end}") for end, each in _entry(shape)], f"{below}entry"
            )
            return None if entries is None else dict(entries)
    value = parameters.get(name)
    match shape.type_name:
        case "integer" | "long" if value is not None and value.lstrip("-").isdecimal():
            return int(value)
        case "boolean" if value is not None:
            return value.lower() == "true"
        case "double" if value is not None:
            return _number(value)
    return value


def _read_all(read: Callable[[str], Any], name: str) -> list[Any] | None:
    """What is numbered from 1 on."""
    values: list[Any] = []
    while (value := read(f"{name}.{len(values) + 1}")) not in (None, [None, None]):
        values.append(value)
    return values or None


def _number(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value  # which the host refuses


def _success(operation: "OperationModel", members: Mapping[str, Any]) -> str:
    shape = operation.output_shape
    result = ""
    if shape is not None:
        wrapper = shape.serialization["resultWrapper"]
        result = _element(wrapper, _written(shape, members))
    identity = f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
    return _document(f"{operation.name}Response", result + identity)


def _error(operation: "OperationModel", status: int, members: Mapping[str, Any]) -> str:
    kind = str(members.get("__type", "InternalFailure")).rpartition("#")[2]
    codes = {shape.name: shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
    fault = "Sender" if status < SERVER_FAULT else "Receiver"
    message = members.get("message", members.get("Message", ""))
    told = {"Type": fault, "Code": codes.get(kind, kind), "Message": message}
    error = _element("Error", "".join(_element(name, escape(each)) for name, each in told.items()))
    return _document("ErrorResponse", f"{error}<RequestId>{uuid4()}</RequestId>")


def _document(name: str, content: str) -> str:
    return f'<{name} xmlns="{_model().metadata["xmlNamespace"]}">{content}</{name}>'


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _written(shape: Any, value: Any) -> str:
    match shape.type_name:
        case "structure":
            given = ((name, inner, value.get(name)) for name, inner in shape.members.items())
            return "".join(_element(name, _written(inner, each)) for name, inner, each in given if each is not None)
        case "list":
            return "".join(_element("member", _written(shape.member, each)) for each in value)
        case "map":
            entries = (zip(_entry(shape), entry, strict=True) for entry in value.items())
            return "".join(
                _element("entry", "".join(_element(end, _written(inner, each)) for (end, inner), each in entry))
                for entry in entries
            )
        case "boolean":
            return str(value).lower()
        case "timestamp" if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return escape(str(value))


def _entry(shape: Any) -> "tuple[tuple[str, Shape], tuple[str, Shape]]":
    return ("key", shape.key), ("value", shape.value)
