"""`FilterLogEvents`.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import RunningEmulator

NOW = int(time.time() * 1000)
LINES = {"mine/a": [(0, "1"), (0, "2"), (5, "4")], "mine/b": [(0, "3"), (7, "5 last")], "other": [(1, "not mine")]}


@pytest.fixture(scope="module")
def logs(emulator: RunningEmulator) -> Any:
    return emulator.client("logs")


@pytest.fixture(scope="module")
def group(logs: Any) -> str:
    """A log group with three streams."""
    name = f"/filtered/{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=name)
    for stream, lines in LINES.items():
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
        events = [{"timestamp": NOW + later, "message": message} for later, message in lines]
        logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=events)
    return name


@pytest.mark.parametrize(
    ("asked", "messages"),
    [
        ({}, ["1", "2", "3", "not mine", "4", "5 last"]),
        ({"logStreamNamePrefix": "mine/"}, ["1", "2", "3", "4", "5 last"]),
        ({"logStreamNamePrefix": "nobody/"}, []),
        ({"logStreamNames": ["mine/b", "nobody"]}, ["3", "5 last"]),
        ({"logStreamNamePrefix": "mine/", "startTime": NOW + 1, "endTime": NOW + 5}, ["4"]),
        ({"filterPattern": "last"}, ["5 last"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 10_000])
def test_all_events_that_are_asked_for_come_page_by_page_in_the_order_of_time(
    logs: Any, group: str, asked: dict[str, Any], messages: list[str], size: int
) -> None:
    pages = list(
        logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, PaginationConfig={"PageSize": size}, **asked
        )
    )
    assert [event["message"] for page in pages for event in page["events"]] == messages
    assert all(len(page["events"]) <= size for page in pages)


def test_a_token_that_no_page_has_given_is_refused(logs: Any, group: str) -> None:
    with pytest.raises(ClientError, match="The specified nextToken is invalid"):
        logs.filter_log_events(logGroupName=group, nextToken="made-up")
