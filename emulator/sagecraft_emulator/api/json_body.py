"""The body of a request in JSON."""

import json
from typing import Any, NoReturn

from sagecraft_emulator.errors import ApiError


def read_json(body: bytes) -> dict[str, Any]:
    """Reads a body: an object of JSON in UTF-8, or nothing, which is an empty one.

    Python's reader takes more than JSON has: numbers that are none, and halves of surrogate pairs, which no text that
    is written down can hold. Both would be kept, and fail whoever reads them.

    Raises:
        ApiError: `SerializationException`; it is something else.
    """
    try:
        text = body.decode() or "{}"
        request = json.loads(text, parse_constant=_refuse)
        if "\\ud" in text.lower():
            json.dumps(request, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise ApiError("SerializationException", f"The body is not text in UTF-8: {error}") from None
    except ValueError as error:
        raise ApiError("SerializationException", f"The body is not JSON: {error}") from None
    except RecursionError:
        raise ApiError("SerializationException", "The body is nested too deeply to be read.") from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", f"The body must be a JSON object, got: {request!r}")
    return request


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"it has no number '{constant}'")
