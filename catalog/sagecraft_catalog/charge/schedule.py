"""How often something runs in a month, by the expression of its schedule.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from .charge import HOURS_A_MONTH
from .resource import Resource, references
from .span import NOTHING, ONE, Span

SCHEDULE: Final = "AWS::Scheduler::Schedule"
RULE: Final = "AWS::Events::Rule"
_ANY_NUMBER: Final = Span(Decimal(0), None)
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) \S+\)")
_HOURS: Final = {"minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24)}
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAYS_A_MONTH: Final = HOURS_A_MONTH / 24
_WEEKS_A_MONTH: Final = _DAYS_A_MONTH / 7
_WEEK_MINUTES: Final = 7 * 24 * 60
_EVERY: Final = ("*", "?")


@dataclass(frozen=True)
class _Field:
    """A field of a cron expression: from its least value to its most, with the names that values have."""

    least: int
    most: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> set[int]:
        """The values that it means.

        Raises:
            ValueError: It is written otherwise, such as for the last day of a month.
        """
        return {value for part in text.split(",") for value in self._part(part)}

    def _part(self, part: str) -> Iterator[int]:
        begin, _, step = part.partition("/")
        first, _, last = begin.partition("-")
        if first in _EVERY:
            low, high = self.least, self.most
        else:
            low = self._value(first)
            high = self._value(last) if last else self.most if step else low
        yield from range(low, high + 1, int(step or 1))

    def _value(self, text: str) -> int:
        return self.names.index(text) + self.least if text in self.names else int(text)


_MINUTE, _HOUR, _DAY_OF_MONTH = _Field(0, 59), _Field(0, 23), _Field(1, 31)
_MONTH, _DAY_OF_WEEK = _Field(1, 12, _MONTHS), _Field(1, 7, _DAYS)


def runs_a_month(expression: str) -> Span:
    """How often a schedule comes round in a month of 730 hours, on average; any number where that is not known."""
    if expression.startswith("at(") or expression == "NOW":
        return ONE
    if (rate := _RATE.fullmatch(expression)) is not None and int(rate[1]):
        runs = HOURS_A_MONTH / (Decimal(rate[1]) * _HOURS[rate[2]])
        return Span(runs, runs)
    if (cron := _CRON.fullmatch(expression.upper().replace("CRON", "cron"))) is None:
        return _ANY_NUMBER
    try:
        a_day = len(_MINUTE.values(cron[1])) * len(_HOUR.values(cron[2]))
        days = _days(cron[3], cron[5])
        runs = a_day * days * len(_MONTH.values(cron[4])) / 12
    except ValueError:
        return _ANY_NUMBER
    return Span(runs, runs)


def _days(of_month: str, of_week: str) -> Decimal:
    if of_week not in _EVERY:
        return len(_DAY_OF_WEEK.values(of_week)) * _WEEKS_A_MONTH
    return _DAYS_A_MONTH if of_month in _EVERY else Decimal(len(_DAY_OF_MONTH.values(of_month)))


def scheduled_runs(resource: Resource) -> Span | None:
    """How often schedules of its template start a resource; None where there is none."""
    found = [each for each in resource.siblings.values() if each.type in {SCHEDULE, RULE} and _starts(each, resource)]
    spans = [schedule_of(each) for each in found if each.raw.get("ScheduleExpression") is not None]
    return sum(spans[1:], spans[0]) if spans else None


def schedule_of(schedule: Resource) -> Span:
    """How often a schedule comes round; never, if it is switched off."""
    return runs_a_month(schedule.get("ScheduleExpression").text()) if is_on(schedule) else NOTHING


def is_on(schedule: Resource) -> bool:
    """Whether a schedule is not switched off."""
    return schedule.get("State").text() != "DISABLED"


def _starts(schedule: Resource, resource: Resource) -> bool:
    targets = schedule.raw.get("Target") if schedule.type == SCHEDULE else schedule.raw.get("Targets")
    return resource.logical_id in set(references(targets))


def weekly(starts: Sequence[Resource], stops: Sequence[Resource]) -> Decimal | None:
    """How many hours a month something runs that schedules start and stop in every week alike.

    None where they do not: by days of the month, at a rate, in several time zones, or one of both never.
    """
    if len({_zone(each) for each in (*starts, *stops)}) != 1:
        return None
    started, stopped = (
        [_minutes_of_week(each.get("ScheduleExpression").text()) for each in of] for of in (starts, stops)
    )
    on = {minute for minutes in started for minute in minutes or ()}
    off = {minute for minutes in stopped for minute in minutes or ()}
    if not on or not off or None in (*started, *stopped):
        return None
    # Where both come at once, it is counted as on.
    events = sorted({**dict.fromkeys(off, False), **dict.fromkeys(on, True)}.items())
    ends = [*(minute for minute, _ in events[1:]), events[0][0] + _WEEK_MINUTES]
    minutes = sum(end - begin for (begin, begins), end in zip(events, ends, strict=True) if begins)
    return Decimal(minutes) / 60 * _WEEKS_A_MONTH


def _zone(schedule: Resource) -> str:
    return schedule.get("ScheduleExpressionTimezone").text().removeprefix("Etc/") or "UTC"


def _minutes_of_week(expression: str) -> set[int] | None:
    """When a schedule comes round, in minutes from Sunday on; None where that is not each week alike."""
    cron = _CRON.fullmatch(expression.upper().replace("CRON", "cron"))
    if cron is None or cron[3] not in _EVERY or cron[4] not in _EVERY:
        return None
    try:
        days, hours, minutes = _DAY_OF_WEEK.values(cron[5]), _HOUR.values(cron[2]), _MINUTE.values(cron[1])
    except ValueError:
        return None
    return {((day - 1) * 24 + hour) * 60 + minute for day in days for hour in hours for minute in minutes}


def hours_between(resource: Resource, start: str, stop: str) -> Decimal | None:
    """How many hours a month a resource runs that one schedule starts and another stops, each at a time of day."""
    asked: dict[str, list[Resource]] = {start: [], stop: []}
    at: dict[str, tuple[Resource, Decimal]] = {}
    for each in resource.siblings.values():
        operation = each.get("Target", "Arn").text().rpartition(":")[2] if each.type == SCHEDULE else ""
        if operation not in asked or not is_on(each) or not _starts(each, resource):
            continue
        asked[operation].append(each)
        time = _time_of_day(each.get("ScheduleExpression").text())
        if time is not None:
            at[operation] = each, time
    if (hours := weekly(asked[start], asked[stop])) is not None:
        return hours
    if set(at) != {start, stop}:
        return None
    days = schedule_of(at[start][0])
    return None if days.high is None else days.high * ((24 + at[stop][1] - at[start][1]) % 24)


def _time_of_day(expression: str) -> Decimal | None:
    cron = _CRON.fullmatch(expression)
    if cron is None or not (cron[1].isdecimal() and cron[2].isdecimal()):
        return None
    return Decimal(cron[2]) + Decimal(cron[1]) / 60
