"""Schedules of stacks: their time zones, and what is wrong with one."""

import json
from typing import Any

from tests.emulator.conftest import RunningEmulator

from .test_bucket import settled

TARGET = {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": "arn:aws:iam::000000000000:role/r"}


def template(hour: int, zone: str, **others: Any) -> str:
    properties = {
        "ScheduleExpression": f"cron(0 {hour} * * ? *)",
        "ScheduleExpressionTimezone": zone,
        "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": "5"},
        "Target": {**TARGET, "RetryPolicy": {"MaximumRetryAttempts": "3"}},
        **others,
    }
    return json.dumps({"Resources": {"At": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}})


def test_a_schedule_is_made_changed_and_taken_away_with_its_time_zone(emulator: RunningEmulator) -> None:
    cloudformation, scheduler = emulator.client("cloudformation"), emulator.client("scheduler")

    def found() -> list[tuple[str, str]]:
        names = [each["Name"] for each in scheduler.list_schedules()["Schedules"] if each["Name"].startswith("Timed-")]
        told = [scheduler.get_schedule(Name=name) for name in names]
        return [(each["ScheduleExpression"], each["ScheduleExpressionTimezone"]) for each in told]

    cloudformation.create_stack(StackName="Timed", TemplateBody=template(7, "Europe/Berlin"))
    assert settled(emulator, "Timed") == "CREATE_COMPLETE"
    assert found() == [("cron(0 7 * * ? *)", "Europe/Berlin")]
    cloudformation.update_stack(StackName="Timed", TemplateBody=template(8, "Asia/Tokyo"))
    assert settled(emulator, "Timed") == "UPDATE_COMPLETE"
    assert found() == [("cron(0 8 * * ? *)", "Asia/Tokyo")]
    cloudformation.update_stack(StackName="Timed", TemplateBody=template(8, "Europe/Berln"))
    assert settled(emulator, "Timed") == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="Timed")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events if each["ResourceStatus"] == "UPDATE_FAILED"]
    assert any("'Europe/Berln' is no time zone" in each for each in reasons)
    assert found() == [("cron(0 8 * * ? *)", "Asia/Tokyo")]
    cloudformation.delete_stack(StackName="Timed")
    assert settled(emulator, "Timed") == "gone"
    assert found() == []
