"""A program that has ministack's scheduler look at its schedules, every ten minutes of days that pass at once.

It reads `[schedules, begin, end]` and writes when each schedule came round. A process holds one ministack, so it is one
of its own.
"""

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ministack.services import eventbridge, scheduler
from sagecraft_emulator.hosts.ministack.schedules.time_zone import honour_time_zones

TARGET = {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": "arn:aws:iam::000000000000:role/r"}


def main() -> None:
    schedules, begin, end = json.load(sys.stdin)
    for _ in range(2):
        honour_time_zones(scheduler, eventbridge)
    came: dict[str, list[str]] = {name: [] for name in schedules}
    clock = {"now": 0.0}

    def invoke(_target: Any, _event: Any, schedule: Any, _view: Any = None) -> None:
        came[schedule["Name"]].append(f"{datetime.fromtimestamp(clock['now'], UTC):%d %H:%M}")

    scheduler.time = SimpleNamespace(time=lambda: clock["now"])
    eventbridge._invoke_target = invoke
    for name, (expression, zone) in schedules.items():
        body = {"ScheduleExpression": expression, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": TARGET}
        status, _, said = scheduler._create_schedule(name, {**body, "ScheduleExpressionTimezone": zone})
        assert status == 200, said
    for now in range(int(begin), int(end), 600):
        clock["now"] = float(now)
        scheduler._tick_schedules()
    kept = {type(each["ScheduleExpression"]).__name__ for each in scheduler._schedules._data.values()}
    json.dump({"came": came, "kept": sorted(kept)}, sys.stdout)


if __name__ == "__main__":
    main()
