"""The body of a request in JSON."""

import json
from typing import Any, NoReturn

from sagecraft_emulator.errors import ApiError, validation_error


def read_json(body: bytes) -> dict[str, Any]:
    """Reads a body: an object of JSON in UTF-8, or nothing, which is an empty one.

    Python's reader takes more than JSON has: numbers that are none, and halves of surrogate pairs, which no text that
    is written down can hold. Both would be kept, and fail whoever reads them.

    Raises:
        ApiError: `SerializationException`; it is something else. `ValidationException`; it has halves of pairs.
    """
    try:
        text = body.decode() or "{}"
        request = json.loads(text, parse_constant=_refuse)
    except UnicodeError as error:
        raise ApiError("SerializationException", f"The body is not text in UTF-8: {error}") from None
    except ValueError as error:
        raise ApiError("SerializationException", f"The body is not JSON: {error}") from None
    except RecursionError:
        raise ApiError("SerializationException", "The body is nested too deeply to be read.") from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", f"The body must be a JSON object, got: {request!r}")
    if "\\ud" in text.lower():
        _check_pairs(request)
    return request


def _check_pairs(request: object) -> None:
    try:
        json.dumps(request, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise validation_error(f"The body has {half!a}, half of a surrogate pair; send whole ones.") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"it has no number '{constant}'")
