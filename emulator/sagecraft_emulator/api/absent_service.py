"""Services of AWS that nobody here answers for: which operation a request is for, refused as its service would.

Which services there are, how each is called in signatures, and what protocol it speaks, stands at the beginning of
botocore's models: so much is read of each. One model is read whole, where the path alone tells the operation. Errors by
protocol: the specifications of AWS's protocols in Smithy, https://smithy.io/2.0/aws/protocols/index.html.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from .json_protocol import HttpResponse

_CODE: Final = "NotImplemented"
_FORM: Final = "application/x-www-form-urlencoded"
_CBOR_HEADER: Final = "smithy-protocol"


class Asked(NamedTuple):
    """A request.

    Attributes:
        method: Its method.
        path: Its path, as it came.
        query: What follows the question mark.
        headers: Its headers, names in lower case.
        body: Its body.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class _Service:
    """A service by the beginning of its model.

    Attributes:
        name: As boto3 calls it.
        file: The model.
        metadata: What the model says of the service.
    """

    name: str
    file: Path
    metadata: Mapping[str, Any]

    @property
    def signing_name(self) -> str:
        """What its requests are signed for."""
        return str(self.metadata.get("signingName", self.metadata["endpointPrefix"]))


def refuse(signing_name: str, asked: Asked) -> HttpResponse:
    """Refuses a request for a service that is not here, by its protocol, with the names of both. It may read a file.

    Args:
        signing_name: What the request is signed for.
        asked: The request.
    """
    services = _services().get(signing_name, ())
    service, operation = _find(services, asked)
    title = signing_name if service is None else f"{service.metadata['serviceFullName']} ({service.name})"
    what = f"The service {title}" if operation is None else f"The operation '{operation}' of {title}"
    return _answer(_protocol(service, asked), asked, f"{what} is not done by this emulator.")


@cache
def _services() -> dict[str, list[_Service]]:
    import botocore  # noqa: PLC0415 - no emulator needs it to start

    from .model_files import metadata_of  # noqa: PLC0415 - as above

    found: dict[str, list[_Service]] = {}
    for directory in sorted((Path(botocore.__file__).parent / "data").iterdir()):
        models = sorted(directory.glob("*/service-2.json*"))
        if models:
            service = _Service(directory.name, models[-1], metadata_of(models[-1]))
            found.setdefault(service.signing_name, []).append(service)
    return found


def _find(services: Sequence[_Service], asked: Asked) -> tuple[_Service | None, str | None]:
    """The service and the operation that are asked for, as far as the request tells."""
    first = services[0] if services else None
    if target := asked.headers.get("x-amz-target"):
        prefix, _, operation = target.rpartition(".")
        return next((each for each in services if each.metadata.get("targetPrefix") == prefix), first), operation
    if _CBOR_HEADER in asked.headers:
        return first, asked.path.rpartition("/")[2]
    fields = asked.body.decode(errors="replace") if asked.headers.get("content-type", "").startswith(_FORM) else ""
    for text in (asked.query, fields):
        if actions := parse_qs(text).get("Action"):
            return first, actions[0]
    for service in services:
        for method, uri, operation in _operations(service.file) if _is_rest(service) else ():
            if method == asked.method and _leads_to(uri, asked):
                return service, operation
    return first, None


def _is_rest(service: _Service) -> bool:
    return str(service.metadata["protocol"]).startswith("rest-")


@cache
def _operations(model: Path) -> Sequence[tuple[str, str, str]]:
    """Method, URI and name of each operation, those with the fewest labels in the URI first."""
    from .model_files import read_model  # noqa: PLC0415 - as above

    operations: dict[str, Any] = read_model(model)["operations"]
    https = [(each["http"], name) for name, each in operations.items()]
    told = [(http["method"], http.get("requestUri", "/"), name) for http, name in https]
    return sorted(told, key=lambda each: each[1].count("{"))


def _leads_to(uri: str, asked: Asked) -> bool:
    wanted_path, _, wanted_query = uri.partition("?")
    wanted, given = wanted_path.strip("/").split("/"), asked.path.strip("/").split("/")
    if wanted[-1].endswith("+}"):
        given = given[: len(wanted)]
    return (
        len(wanted) == len(given)
        and all(name.startswith("{") or name == unquote(part) for name, part in zip(wanted, given, strict=True))
        and set(filter(None, wanted_query.split("&"))) <= set(asked.query.split("&"))
    )


def _protocol(service: _Service | None, asked: Asked) -> str:
    """What the client speaks: some services know several protocols."""
    if _CBOR_HEADER in asked.headers:
        return "cbor"
    if "x-amz-target" in asked.headers or service is None:
        return "json"
    protocols = service.metadata.get("protocols", [service.metadata["protocol"]])
    return next((each for each in protocols if each in {"query", "ec2", "rest-xml", "rest-json"}), "json")


def _answer(protocol: str, asked: Asked, message: str) -> HttpResponse:
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": _CODE}
    match protocol:
        case "cbor":
            headers |= {"Content-Type": "application/cbor", _CBOR_HEADER: asked.headers[_CBOR_HEADER]}
            body = _cbor({"__type": _CODE, "message": message})
        case "query" | "rest-xml":
            headers["Content-Type"] = "text/xml"
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{_CODE}</Code><Message>{escape(message)}</Message>"
                f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            ).encode()
        case "ec2":
            headers["Content-Type"] = "text/xml"
            body = (
                f"<Response><Errors><Error><Code>{_CODE}</Code><Message>{escape(message)}</Message></Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>"
            ).encode()
        case _:
            headers["Content-Type"] = asked.headers.get("content-type") or "application/json"
            body = json.dumps({"__type": _CODE, "message": message}).encode()
    return HttpResponse(HTTPStatus.NOT_IMPLEMENTED, headers, body)


def _cbor(members: Mapping[str, str]) -> bytes:
    """A map of texts in CBOR, RFC 8949: fewer than 24 of them, none longer than 65,535 bytes."""
    return bytes([0xA0 | len(members)]) + b"".join(each for item in members.items() for each in map(_cbor_text, item))


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded
