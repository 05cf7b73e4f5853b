"""What a policy may ask of a request, where ministack does not read it."""

import json
from collections.abc import Mapping
from typing import Any


def metric_namespaces(body: bytes, params: Mapping[str, Any]) -> str | None:
    """The namespace of a `PutMetricData` in the Query or the JSON protocol."""
    given = params.get("Namespace")
    if given:
        return str(given[0] if isinstance(given, list) else given)
    if body[:1] != b"{":
        return None
    found = json.loads(body).get("Namespace")
    return found if isinstance(found, str) else None
