"""Schedules come round by the clock of their time zones, also when it is put forward and back.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
"""

import json
import subprocess
import sys
from datetime import UTC, datetime

SCHEDULES = {
    "seven": ["cron(0 7 * * ? *)", "Europe/Berlin"],
    "left-out": ["cron(30 2 * * ? *)", "Europe/Berlin"],
    "often": ["cron(0/30 1-3 * * ? *)", "Europe/Berlin"],
    "utc": ["cron(0 7 * * ? *)", "UTC"],
    "once": ["at(2027-03-29T09:00:00)", "Asia/Tokyo"],
}
FORWARD = datetime(2027, 3, 27, 0, 0, tzinfo=UTC)
BACK = datetime(2027, 10, 30, 0, 0, tzinfo=UTC)
DAY_SECONDS = 86_400


def came(begin: datetime) -> dict[str, list[str]]:
    """When each schedule came round in three days, by UTC."""
    span = [begin.timestamp(), begin.timestamp() + 3 * DAY_SECONDS]
    done = subprocess.run(
        [sys.executable, "-m", "tests.emulator.hosts.ministack.schedules.ticks"],
        input=json.dumps([SCHEDULES, *span]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kept"] == ["str"]
    times: dict[str, list[str]] = told["came"]
    return times


def test_what_falls_into_the_hour_that_is_left_out_is_skipped() -> None:
    found = came(FORWARD)
    assert found["seven"] == ["27 06:00", "28 05:00", "29 05:00"]
    assert found["left-out"] == ["27 01:30", "29 00:30"]
    # One, half past one, and three: there is no two o'clock.
    assert [each for each in found["often"] if each.startswith("28")] == [
        "28 00:00",
        "28 00:30",
        "28 01:00",
        "28 01:30",
        "28 23:00",
        "28 23:30",
    ]
    assert found["utc"] == ["27 07:00", "28 07:00", "29 07:00"]
    assert found["once"] == ["29 00:00"]


def test_what_falls_into_the_hour_that_comes_twice_comes_once() -> None:
    found = came(BACK)
    assert found["seven"] == ["30 05:00", "31 06:00", "01 06:00"]
    assert found["left-out"] == ["30 00:30", "31 00:30", "01 01:30"]
    assert [each for each in found["often"] if each.startswith("31")] == [
        "31 00:00",
        "31 00:30",
        "31 02:00",
        "31 02:30",
    ]
