"""What stands for cron in a notebook instance: it runs what is in `/etc/cron.d` and in the users' tables.

usage: cron.py SECONDS, which says how long a minute is; it goes on in the background
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

SYSTEM_TABLES: Final = Path("/etc/cron.d")
USER_TABLES: Final = Path("/var/spool/cron")
_VARIABLE: Final = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*)")
_RANGES: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Of minutes, hours, days of the month, months, and days of the week, of which 0 and 7 are Sunday."""
_HOMES: Final = {"root": "/root", "ec2-user": "/home/ec2-user"}


@dataclass(frozen=True)
class Entry:
    """A line of a table.

    Attributes:
        times: When it is due: of each of the five fields what it allows; None where it allows all.
        user: Who runs it.
        command: A line for the shell.
        variables: What the table sets above it.
    """

    times: tuple[frozenset[int] | None, ...]
    user: str
    command: str
    variables: Mapping[str, str]

    def is_due(self, now: datetime) -> bool:
        """Whether it runs in a minute."""
        minute, hour, day, month, weekday = self.times
        at_time = all(
            allowed is None or value in allowed
            for allowed, value in ((minute, now.minute), (hour, now.hour), (month, now.month))
        )
        of_week = now.isoweekday()
        on_day = day is None or now.day in day
        on_weekday = weekday is None or not weekday.isdisjoint({of_week, of_week % 7})
        # Either will do where both are given.
        return at_time and (on_day or on_weekday if day is not None and weekday is not None else on_day and on_weekday)


def entries(text: str, user: str | None = None) -> Iterator[Entry]:
    """The entries of a table; lines that are none are passed over, as cron does.

    Args:
        text: The table.
        user: Whose it is; None for a table of the system, each line of which names one.
    """
    variables: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if (variable := _VARIABLE.fullmatch(line)) is not None:
            variables[variable["name"]] = variable["value"].strip("\"'")
            continue
        *fields, rest = line.split(maxsplit=5 if user is not None else 6)
        if len(fields) < (5 if user is not None else 6):
            continue
        try:
            times = tuple(_allowed(field, *limits) for field, limits in zip(fields[:5], _RANGES, strict=True))
        except ValueError:
            continue
        yield Entry(times, fields[5] if user is None else user, rest, dict(variables))


def _allowed(field: str, first: int, last: int) -> frozenset[int] | None:
    """What a field allows, such as `*/5` or `1-3,7`."""
    if field == "*":
        return None
    allowed: set[int] = set()
    for part in field.split(","):
        extent, _, step = part.partition("/")
        begin, _, end = extent.partition("-")
        low = first if begin == "*" else int(begin)
        high = last if begin == "*" or (step and not end) else int(end or begin)
        allowed.update(range(low, high + 1, int(step or 1)))
    return frozenset(allowed)


def main() -> int:
    """Returns in the process that was started; another one goes on."""
    minute_seconds = float(sys.argv[1])
    if os.fork() != 0:
        return 0
    now = datetime.now().replace(second=0, microsecond=0)
    running: list[subprocess.Popen[bytes]] = []
    while True:
        time.sleep(minute_seconds)
        now += timedelta(minutes=1)
        running = [process for process in running if process.poll() is None]
        running += [_begin(entry) for entry in _tables() if entry.is_due(now)]


def _begin(entry: Entry) -> "subprocess.Popen[bytes]":
    home = _HOMES.get(entry.user, "/")
    environment = {**os.environ, "HOME": home, "USER": entry.user, "LOGNAME": entry.user, **entry.variables}
    return subprocess.Popen(
        [environment.get("SHELL", "/bin/sh"), "-c", entry.command],
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _tables() -> Iterator[Entry]:
    for directory, of_users in ((SYSTEM_TABLES, False), (USER_TABLES, True)):
        for file in sorted(directory.glob("*")):
            if file.is_file():
                yield from entries(file.read_text("utf-8", errors="replace"), file.name if of_users else None)


if __name__ == "__main__":
    sys.exit(main())
