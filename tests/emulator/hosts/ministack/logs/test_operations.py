"""What is answered of streams and events.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html, and those beside it.
"""

import io
import time
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import REGION, wait_until

NOW = int(time.time() * 1000)
HOUR, DAY = 3_600_000, 86_400_000


@dataclass(frozen=True)
class LogGroup:
    """A group of a test's own."""

    client: Any
    name: str

    def put(self, stream: str, *lines: tuple[int, str]) -> Any:
        """Writes events, each at a time after now, to a stream, which is made when it is missing."""
        place = {"logGroupName": self.name, "logStreamName": stream}
        if not self.client.describe_log_streams(logGroupName=self.name, logStreamNamePrefix=stream)["logStreams"]:
            self.client.create_log_stream(**place)
        return self.client.put_log_events(
            **place, logEvents=[{"timestamp": NOW + later, "message": message} for later, message in lines]
        )

    def get(self, stream: str, **asked: Any) -> tuple[list[str], str, str]:
        """The messages, and the tokens forward and backward."""
        answer = self.client.get_log_events(logGroupName=self.name, logStreamName=stream, **asked)
        return texts(answer["events"]), answer["nextForwardToken"], answer["nextBackwardToken"]

    def described(self) -> Any:
        """What is known of the group."""
        return self.client.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"][0]


def texts(events: Sequence[Any]) -> list[str]:
    return [event["message"] for event in events]


@pytest.fixture
def group(emulator: RunningEmulator) -> LogGroup:
    made = LogGroup(emulator.client("logs"), f"/operations/{uuid.uuid4().hex[:8]}")
    made.client.create_log_group(logGroupName=made.name)
    return made


def test_the_latest_events_come_unless_the_first_are_asked_for(group: LogGroup) -> None:
    group.put("s", *((number, str(number)) for number in range(5)))
    assert group.get("s", limit=2)[0] == ["3", "4"]
    assert group.get("s", limit=2, startFromHead=True)[0] == ["0", "1"]
    assert group.get("s", startTime=NOW + 1, endTime=NOW + 3)[0] == ["1", "2"]


def test_tokens_lead_forward_and_backward_and_stay_as_they_are_at_the_end(group: LogGroup) -> None:
    group.put("s", *((0, str(number)) for number in range(5)))
    page, forward, backward = group.get("s", limit=2, startFromHead=True)
    assert page == ["0", "1"]
    page, forward, _ = group.get("s", limit=2, nextToken=forward)
    assert page == ["2", "3"]
    page, forward, _ = group.get("s", limit=2, nextToken=forward)
    assert page == ["4"]
    assert group.get("s", nextToken=forward) == ([], forward, forward.replace("f/", "b/"))
    group.put("s", (0, "late"))
    assert group.get("s", nextToken=forward)[0] == ["late"]
    assert group.get("s", nextToken=backward)[0] == []
    page, _, backward = group.get("s", limit=2, nextToken=forward.replace("f/", "b/"))
    assert page == ["3", "4"]
    assert group.get("s", limit=9, nextToken=backward)[0] == ["0", "1", "2"]


def test_who_waits_at_the_end_of_an_empty_stream_sees_what_comes(group: LogGroup) -> None:
    group.client.create_log_stream(logGroupName=group.name, logStreamName="s")
    page, forward, _ = group.get("s")
    assert page == []
    group.put("s", (0, "first"))
    assert group.get("s", nextToken=forward)[0] == ["first"]


def test_a_page_has_a_megabyte_at_most(group: LogGroup) -> None:
    for number in range(3):
        group.put("s", (number, str(number) * 600_000))
    assert [page[0] for page in group.get("s")[0]] == ["2"]
    assert [page[0] for page in group.get("s", startFromHead=True)[0]] == ["0"]
    pages = group.client.get_paginator("filter_log_events").paginate(logGroupName=group.name)
    assert [[text[0] for text in texts(page["events"])] for page in pages] == [["0"], ["1"], ["2"]]


def test_an_event_that_comes_late_takes_its_place_in_time(group: LogGroup) -> None:
    group.put("s", (1, "b"), (5, "d"))
    group.put("s", (0, "a"), (3, "c"))
    assert group.get("s")[0] == ["a", "b", "c", "d"]
    [stream] = group.client.describe_log_streams(logGroupName=group.name)["logStreams"]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (NOW, NOW + 5)
    assert stream["lastIngestionTime"] >= NOW


def test_events_that_are_too_old_or_too_new_are_left_out_and_told(group: LogGroup) -> None:
    told = group.put("s", (-15 * DAY, "too old"), (0, "kept"), (3 * HOUR, "too new"))
    assert told["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert group.get("s")[0] == ["kept"]


def test_a_group_keeps_events_as_long_as_its_retention_says(group: LogGroup) -> None:
    group.put("s", (-2 * DAY, "old"))
    group.put("s", (0, "new"))
    group.client.put_retention_policy(logGroupName=group.name, retentionInDays=1)
    assert group.get("s")[0] == texts(group.client.filter_log_events(logGroupName=group.name)["events"]) == ["new"]
    told = group.put("s", (-2 * DAY, "expired"))
    assert told["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    wait_until(lambda: group.described()["storedBytes"] == len("new") + 26)
    group.client.delete_retention_policy(logGroupName=group.name)
    assert group.get("s")[0] == ["new"]  # the others are deleted


def test_a_stream_and_a_group_take_what_is_in_them_along(group: LogGroup) -> None:
    group.put("s", (0, "a"))
    group.put("t", (0, "b"))
    group.client.delete_log_stream(logGroupName=group.name, logStreamName="s")
    assert texts(group.client.filter_log_events(logGroupName=group.name)["events"]) == ["b"]
    assert group.described()["storedBytes"] == 27
    group.client.delete_log_group(logGroupName=group.name)
    group.client.create_log_group(logGroupName=group.name)
    assert group.client.describe_log_streams(logGroupName=group.name)["logStreams"] == []
    assert group.described()["storedBytes"] == 0


def test_streams_are_described_in_pages(group: LogGroup) -> None:
    for number, later in enumerate((7, 5, 9)):
        group.put(f"s{number}", (later, "x"))
    for order, names in (
        ({}, ["s0", "s1", "s2"]),
        ({"orderBy": "LastEventTime", "descending": True}, ["s2", "s0", "s1"]),
    ):
        pages = group.client.get_paginator("describe_log_streams").paginate(
            logGroupName=group.name, PaginationConfig={"PageSize": 2}, **order
        )
        assert [stream["logStreamName"] for page in pages for stream in page["logStreams"]] == names


def test_a_query_finds_events_and_each_is_read_by_its_pointer(group: LogGroup) -> None:
    for number in range(3):
        group.put(f"s{number}", (number, f"line {number}"))
    for text, expected in (
        ("fields @message, @ptr | filter @message like /line [12]/", ["line 1", "line 2"]),
        ("fields @message, @ptr | sort @timestamp desc | limit 2", ["line 2", "line 1"]),
    ):
        query = group.client.start_query(
            logGroupName=group.name, startTime=NOW // 1000 - 60, endTime=NOW // 1000 + 60, queryString=text
        )
        answer = group.client.get_query_results(queryId=query["queryId"])
        rows = [{each["field"]: each["value"] for each in row} for row in answer["results"]]
        assert [row["@message"] for row in rows] == expected
        assert answer["statistics"]["recordsScanned"] == 3
    record = group.client.get_log_record(logRecordPointer=rows[0]["@ptr"])["logRecord"]
    assert (record["@message"], record["@logStream"], record["@log"]) == ("line 2", "s2", group.name)


def test_the_fields_of_a_group_are_those_of_its_events(group: LogGroup) -> None:
    late = int(time.time() * 1000) - NOW  # what is older than some minutes is not looked at
    group.put("s", (late, '{"level": "INFO"}'), (late, "plain"))
    found = group.client.get_log_group_fields(logGroupName=group.name)["logGroupFields"]
    assert {"name": "level", "percent": 50} in found


def test_who_tails_a_group_sees_what_comes(group: LogGroup, emulator: RunningEmulator) -> None:
    tailing = boto3.client(
        "logs",
        endpoint_url=emulator.url,
        region_name=REGION,
        aws_access_key_id="000000000000",
        aws_secret_access_key="sagecraft",
        config=Config(inject_host_prefix=False),
    )
    stream = tailing.start_live_tail(logGroupIdentifiers=[group.described()["logGroupArn"]])["responseStream"]
    for update in stream:
        if "sessionStart" in update:
            group.put("s", (0, "seen"))
        elif seen := update["sessionUpdate"]["sessionResults"]:
            assert texts(seen) == ["seen"]
            break
    stream.close()


def test_the_log_of_a_function_is_there_when_it_has_answered(emulator: RunningEmulator) -> None:
    """Lambda writes to the streams of the host without asking CloudWatch Logs."""
    name = f"writes-{uuid.uuid4().hex[:8]}"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    print('written')\n")
    functions = emulator.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=emulator.make_role(),
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    functions.invoke(FunctionName=name)
    events = emulator.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert "written" in texts(events)
