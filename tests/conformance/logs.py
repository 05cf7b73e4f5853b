"""What CloudWatch Logs refuses."""

import time
from collections.abc import Mapping
from typing import Any

from .table import Row

NOW = int(time.time() * 1000)
GROUP, STREAM = "conforms", "stream"
_PUT = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"
_MOTO = "getmoto/moto tests/test_logs/test_logs.py"
_RECORDED = "https://github.com/localstack/localstack, tests/aws/services/logs/test_logs.snapshot.json"
_TOO_LARGE = "https://github.com/amekkawi/cwlogs-writable, tests: 'Log event too large'; the limit: " + _PUT
_WHOLE_TOO_LARGE = "AWS's text in logs of OpenTelemetry exporters: 'Upload too large: 1062698 bytes exceeds limit of…'"
_CONSTRAINT = "1 validation error detected: Value {} at {} failed to satisfy constraint: Member must {}"


def prepare(client: Any) -> None:
    """Makes the group and the stream that rows name."""
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)


def _refused(case: str, operation: str, request: Mapping[str, Any], message: str, source: str) -> Row:
    return Row(case, operation, request, "InvalidParameterException", message, source, "logs")


def _event(message: str = "a", later: int = 0) -> dict[str, Any]:
    return {"timestamp": NOW + later, "message": message}


def _put(*events: Mapping[str, Any]) -> dict[str, Any]:
    return {"logGroupName": GROUP, "logStreamName": STREAM, "logEvents": list(events)}


def _constraint(value: object, member: str, bound: str) -> str:
    return _CONSTRAINT.format(value, f"'{member}'", bound)


PUT = [
    _refused(case, "PutLogEvents", request, message, source)
    for case, request, message, source in (
        (
            "an earlier event after a later one",
            _put(_event(later=1), _event()),
            "Log events in a single PutLogEvents request must be in chronological order.",
            _MOTO,
        ),
        (
            "more than a day",
            _put(_event(later=-25 * 3_600_000), _event()),
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
            _PUT,
        ),
        (
            "a large event",
            _put(_event("x" * 1_048_576)),
            "Log event too large: 1048602 bytes exceeds limit of 1048576",
            _TOO_LARGE,
        ),
        (
            "a large batch",
            _put(_event("x" * 600_000), _event("é" * 300_000)),
            "Upload too large: 1200052 bytes exceeds limit of 1048576",
            _WHOLE_TOO_LARGE,
        ),
        (
            "too many events",
            _put(*(_event() for _ in range(10_001))),
            _constraint("'[...]'", "logEvents", "have length less than or equal to 10000"),
            _PUT,
        ),
        (
            "no event",
            _put(),
            _constraint("'[]'", "logEvents", "have length greater than or equal to 1"),
            _PUT,
        ),
        (
            "an empty message",
            _put(_event(), _event("")),
            _constraint("''", "logEvents.2.member.message", "have length greater than or equal to 1"),
            _PUT,
        ),
        (
            "no time",
            _put({"message": "a"}),
            _constraint("null", "logEvents.1.member.timestamp", "not be null"),
            _PUT,
        ),
    )
]

READ = [
    *(
        _refused("more than a page", operation, {**place, "limit": most + 1}, message, _MOTO)
        for operation, place, most in (
            ("GetLogEvents", {"logGroupName": GROUP, "logStreamName": STREAM}, 10_000),
            ("FilterLogEvents", {"logGroupName": GROUP}, 10_000),
            ("DescribeLogStreams", {"logGroupName": GROUP}, 50),
        )
        for message in [_constraint(f"'{most + 1}'", "limit", f"have value less than or equal to {most}")]
    ),
    *(
        _refused(
            "a token that no answer has given",
            operation,
            {"logGroupName": GROUP, **place, "nextToken": "made-up"},
            "The specified nextToken is invalid.",
            _MOTO,
        )
        for operation, place in (("GetLogEvents", {"logStreamName": STREAM}), ("FilterLogEvents", {}))
    ),
    _refused(
        "by time and by name",
        "DescribeLogStreams",
        {"logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "s"},
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
        _MOTO,
    ),
    _refused(
        "by a prefix and a pattern",
        "DescribeLogGroups",
        {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        _RECORDED,
    ),
    Row(
        "a group by name and by ARN",
        "DescribeLogStreams",
        {"logGroupName": GROUP, "logGroupIdentifier": GROUP},
        "ValidationException",
        "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
        _RECORDED,
        "logs",
    ),
]

ABSENT = [
    Row(f"no {what}", operation, request, "ResourceNotFoundException", message, _MOTO, "logs")
    for what, group, stream, message in (
        ("group", "absent", STREAM, "The specified log group does not exist."),
        ("stream", GROUP, "absent", "The specified log stream does not exist."),
    )
    for operation, request in (
        ("GetLogEvents", {"logGroupName": group, "logStreamName": stream}),
        ("PutLogEvents", {"logGroupName": group, "logStreamName": stream, "logEvents": [_event()]}),
    )
]
