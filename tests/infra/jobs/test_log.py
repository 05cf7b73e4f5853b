import time
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sagecraft_infra.jobs.log import WorkLog

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

NOW = int(time.time() * 1000)
Write = Callable[..., WorkLog]


@pytest.fixture
def write(logs_client: "CloudWatchLogsClient") -> Write:
    """Writes lines to streams below `job/`, each at a time after now, and gives the log."""
    group = f"/written/{uuid.uuid4().hex[:8]}"
    logs_client.create_log_group(logGroupName=group)

    def put(stream: str, *lines: tuple[int, str]) -> WorkLog:
        if not logs_client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
            logs_client.create_log_stream(logGroupName=group, logStreamName=stream)
        events: list[InputLogEventTypeDef] = [{"timestamp": NOW + later, "message": text} for later, text in lines]
        logs_client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        target = SimpleNamespace(logs=lambda region: logs_client)
        return WorkLog(target, logs_client.meta.region_name, group, "job/")  # type: ignore[arg-type]  # all that is asked

    return put


def texts(work: WorkLog, last: int | None = None) -> list[str]:
    return [line.message for page in work.pages(follow=False, last=last) for line in page]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, ["a", "b", "b", "c", "d", "e"]),
        (1, ["e"]),
        (3, ["c", "d", "e"]),
        (5, ["b", "b", "c", "d", "e"]),
        (9, ["a", "b", "b", "c", "d", "e"]),
    ],
)
def test_the_last_lines_are_those_of_all_streams(write: Write, last: int | None, expected: list[str]) -> None:
    write("job/1", (0, "a"), (1, "b"), (1, "b"), (9, "e"))
    write("other", (10, "not of the job"))
    assert texts(write("job/2", (5, "c"), (7, "d")), last) == expected


def test_the_last_lines_are_more_than_a_page_holds(write: Write) -> None:
    for number in range(3):
        write("job/1", *((number, f"{number} {'x' * 3000}") for _ in range(300)))
    work = write("job/1", (5, "last"))
    assert "".join(text[0] for text in texts(work, 602)) == "0" + "1" * 300 + "2" * 300 + "l"


def test_nothing_is_written_of_a_log_that_is_not_there(logs_client: "CloudWatchLogsClient") -> None:
    target = SimpleNamespace(logs=lambda region: logs_client)
    absent = WorkLog(target, "us-east-1", "/absent", "job/")  # type: ignore[arg-type]  # as above
    assert texts(absent) == texts(absent, 3) == []


def test_who_follows_sees_each_line_once_those_of_one_moment_too(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    work = write("job/1", (0, "1"), (1, "2"))
    coming = iter([[(1, "3"), (1, "4")], [(2, "5")]])

    def sleep(_: float) -> None:
        write("job/1", *next(coming))

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(WorkLog, "_has_ended", lambda _: False)
    seen: list[str] = []
    for page in work.pages(follow=True, last=1):
        seen += [line.message for line in page]
        if "5" in seen:
            break
    assert seen == ["2", "3", "4", "5"]
