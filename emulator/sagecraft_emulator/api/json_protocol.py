"""AWS's JSON 1.1 protocol: from an HTTP request to the call of an operation, and from what comes of that to the answer.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.errors import ApiError

from .json_body import read_json

logger = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class HttpResponse:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def answered(
    prefix: str, headers: Mapping[str, str], body: bytes, call: Callable[[str, dict[str, Any]], Mapping[str, Any]]
) -> HttpResponse:
    """Answers one request.

    Args:
        prefix: What stands before the operation in its target.
        headers: Of the request, names in lower case.
        body: Of the request.
        call: Does an operation, by its name and what is asked, or raises `ApiError`.
    """
    request_id = str(uuid.uuid4())
    response_headers = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": request_id}
    operation = headers.get("x-amz-target", "").removeprefix(prefix)
    answer: Mapping[str, Any]
    try:
        answer, status = call(operation, read_json(body)), 200
    except ApiError as error:
        answer, status = {"__type": error.code, "message": error.message}, error.http_status
        response_headers["x-amzn-ErrorType"] = error.code
    except Exception:
        logger.exception("%s failed, request id %s", operation, request_id)
        message = f"The emulator failed to do '{operation}'. Its log has the traceback under {request_id}."
        answer, status = {"__type": "InternalFailure", "message": message}, 500
        response_headers["x-amzn-ErrorType"] = "InternalFailure"
    return HttpResponse(status, response_headers, json.dumps(answer).encode())
