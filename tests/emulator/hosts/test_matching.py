"""Patterns of users, matched in linear time."""

import re
import uuid

import pytest
from sagecraft_emulator.hosts.matching import LinearExpressions, compile_wildcards

from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("s3:Get*", ["s3:Get", "s3:GetObject"], ["s3:PutObject", "as3:Get"]),
        ("*", ["", "anything"], []),
        ("a*b*c", ["abc", "a-b-b-c-c", "abbc"], ["abcd", "acb", "ab"]),
        ("a**b?", ["abx", "a*bbx"], ["ab", "abxx"]),
        ("*ab*ab", ["abab", "ababab"], ["ab", "aba"]),
        ("a.c[d]", ["a.c[d]"], ["abcd", "abc[d]"]),
    ],
)
def test_wildcards_match_as_those_of_iam(pattern: str, matching: list[str], others: list[str]) -> None:
    compiled = compile_wildcards(pattern, ignore_case=False)
    assert all(compiled.match(each) for each in matching)
    assert not any(compiled.match(each) for each in others)


def test_case_is_ignored_where_it_is_said() -> None:
    assert compile_wildcards("S3:get*", ignore_case=True).match("s3:GetObject")
    assert not compile_wildcards("S3:get*", ignore_case=False).match("s3:GetObject")


def test_many_wildcards_take_no_longer_than_the_text_is_long() -> None:
    assert not compile_wildcards("*a" * 500 + "b", ignore_case=True).match("a" * 20_000)


def test_an_expression_that_cannot_be_matched_in_linear_time_is_none() -> None:
    assert LinearExpressions().compile("LOSS=(a+)+$", re.IGNORECASE).search("x" * 9 + "loss=" + "a" * 9)
    with pytest.raises(re.error, match="invalid escape sequence"):
        LinearExpressions().compile(r"(a)\1")


def test_a_query_of_logs_with_a_hostile_expression_holds_nobody_up(emulator: RunningEmulator) -> None:
    logs, group = emulator.client("logs"), f"/hostile/{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="stream")
    events = [{"timestamp": 1_795_000_000_000, "message": "a" * 100 + "!"}]
    logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=events)
    query = logs.start_query(
        logGroupName=group,
        startTime=0,
        endTime=4_000_000_000,
        queryString="fields @message | filter @message like /(a+)+$/",
    )
    wait_until(lambda: logs.get_query_results(queryId=query["queryId"])["status"] == "Complete")
