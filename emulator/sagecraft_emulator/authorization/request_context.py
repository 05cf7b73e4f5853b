"""What a policy may ask of a request, where ministack does not read it."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller

_VERBS: Final = re.compile(r"^(?:Create|Describe|Delete|Update|Stop|Start)(?P<noun>[A-Z]\w+)$")
_TYPES: Final = {"NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config"}
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def resource_arn(target: str, body: bytes, caller: Caller) -> str:
    """The ARN of what a SageMaker request is on; `*` for one that names nothing.

    Args:
        target: The request's `X-Amz-Target`.
        body: JSON.
        caller: Whose it is.
    """
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return "*"
    if not isinstance(request, dict):
        return "*"
    arn = request.get("ResourceArn")
    if isinstance(arn, str):
        return arn
    match = _VERBS.match(target.rpartition(".")[2])
    if match is None:
        return "*"
    noun = match["noun"]
    name = request.get(f"{noun}Name")
    if not isinstance(name, str):
        return "*"
    kind = _TYPES.get(noun, _WORDS.sub("-", noun).lower())
    return caller.arn(kind, name)


def metric_namespaces(body: bytes, params: Mapping[str, Any]) -> str | None:
    """The namespace of a `PutMetricData` in the Query or the JSON protocol."""
    given = params.get("Namespace")
    if given:
        return str(given[0] if isinstance(given, list) else given)
    if body[:1] != b"{":
        return None
    found = json.loads(body).get("Namespace")
    return found if isinstance(found, str) else None
