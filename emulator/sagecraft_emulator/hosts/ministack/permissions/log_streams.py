"""The resource of calls on one stream of a log group, which ministack takes for calls on the group.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

_ON_STREAMS: Final = frozenset({"DeleteLogStream", "GetLogEvents", "PutLogEvents"})


def with_log_streams(resource_of: Callable[..., str]) -> Callable[..., str]:
    """Ministack's own reading of the resource of a request, such that a log stream is one."""

    @functools.wraps(resource_of)
    def resource_or_stream(
        service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any
    ) -> str:
        resource = resource_of(service, method, path, headers, body, *rest)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service != "logs" or action not in _ON_STREAMS or not resource.startswith("arn:"):
            return resource
        return f"{resource}:log-stream:{json.loads(body).get('logStreamName', '')}"

    return resource_or_stream
