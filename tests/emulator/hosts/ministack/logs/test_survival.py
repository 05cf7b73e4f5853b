"""What of logs outlives a SIGKILL, and what a state of an earlier version holds."""

import json
import sqlite3
import time
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.snapshot import HostSnapshot

from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import ACCOUNT, REGION

pytestmark = pytest.mark.slow

NOW = int(time.time() * 1000)


def earlier_group(*messages: str) -> dict[str, Any]:
    """A group as it stood in the snapshot when that held all events."""
    events = [
        {"timestamp": NOW - number, "message": message, "ingestionTime": NOW, "eventId": str(number)}
        for number, message in enumerate(messages)
    ]
    stream = {
        "events": events,
        "uploadSequenceToken": "2",
        "creationTime": NOW,
        "firstEventTimestamp": NOW,
        "lastEventTimestamp": NOW,
        "lastIngestionTime": NOW,
    }
    return {
        "arn": "arn",
        "creationTime": NOW,
        "retentionInDays": 7,
        "tags": {},
        "subscriptionFilters": {},
        "streams": {"s": stream},
    }


def save_earlier_state(emulator: RunningEmulator) -> None:
    groups = {"'/old'": earlier_group("late", "early"), "'/deleted'": earlier_group("x")}
    state = {"log_groups": {"__account_region_scoped__": True, "data": scoped(groups)}}
    directory = emulator.settings.host_dir
    directory.mkdir(parents=True)
    snapshot = HostSnapshot(directory / "state.sqlite3", json.dumps, lambda members: members)
    snapshot.save({"cloudwatch_logs": lambda: state})
    snapshot.close()


def scoped(groups: dict[str, Any]) -> dict[str, Any]:
    return {f"{ACCOUNT}\x00{REGION}\x00{name}": group for name, group in groups.items()}


def saved(emulator: RunningEmulator) -> str:
    with sqlite3.connect(emulator.settings.host_dir / "state.sqlite3") as database:
        [[text]] = database.execute("SELECT state FROM service WHERE name = 'cloudwatch_logs'")
    database.close()
    return str(text)


def messages(logs: Any, group: str) -> list[str]:
    return [event["message"] for event in logs.get_log_events(logGroupName=group, logStreamName="s")["events"]]


def test_acknowledged_events_outlive_a_sigkill_and_those_of_an_earlier_version_are_taken_over_once(
    own_emulator: RunningEmulator,
) -> None:
    save_earlier_state(own_emulator)
    logs = own_emulator.start().client("logs")
    assert messages(logs, "/old") == ["early", "late"]
    logs.delete_log_group(logGroupName="/deleted")
    logs.create_log_group(logGroupName="/new", tags={"team": "growth"})
    logs.create_log_stream(logGroupName="/new", logStreamName="s")
    for group in ("/old", "/new"):
        event = {"timestamp": NOW + 1, "message": "acknowledged"}
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
    own_emulator.kill()

    logs = own_emulator.start().client("logs")
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == ["/new", "/old"]
    assert messages(logs, "/old") == ["early", "late", "acknowledged"]
    assert messages(logs, "/new") == ["acknowledged"]
    assert logs.list_tags_log_group(logGroupName="/new")["tags"] == {"team": "growth"}
    [old] = logs.describe_log_groups(logGroupNamePrefix="/old")["logGroups"]
    assert old["retentionInDays"] == 7
    logs.put_retention_policy(logGroupName="/old", retentionInDays=3)
    own_emulator.stop()
    assert "acknowledged" not in saved(own_emulator)
    [old] = own_emulator.start().client("logs").describe_log_groups(logGroupNamePrefix="/old")["logGroups"]
    assert old["retentionInDays"] == 3
