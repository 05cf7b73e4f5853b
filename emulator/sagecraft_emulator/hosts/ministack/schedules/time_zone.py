"""Schedules in their time zones, daylight saving time included; ministack takes every one for UTC.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import FunctionType
from typing import Any, Final
from zoneinfo import ZoneInfo

_ZONE: Final = "ScheduleExpressionTimezone"
_EXPRESSION: Final = "ScheduleExpression"
_INVALID: Final = 400
_UTC: Final = ZoneInfo("UTC")


class _Expression(str):
    """An expression that knows its time zone."""

    zone: ZoneInfo


class _Fields(tuple[Any, ...]):
    """The fields of an expression that knows its time zone."""

    zone: ZoneInfo


# ruff: noqa: SLF001 - ministack has no public way to any of this
def honour_time_zones(scheduler: Any, events: Any) -> None:
    """Has schedules come round by the clock of their time zones; once, however often it is called.

    Args:
        scheduler: ministack's EventBridge Scheduler.
        events: Its EventBridge, which knows cron expressions.
    """
    if isinstance(scheduler._tick_schedules, _Tick):
        return
    scheduler._tick_schedules = _Tick(scheduler, scheduler._tick_schedules)
    scheduler._at_time_epoch = partial(_at, scheduler._at_time_epoch)
    events._parse_cron_fields = partial(_fields, events._parse_cron_fields)
    events._cron_next_fire = partial(_next, events._cron_next_fire)
    for name in ("_create_schedule", "_update_schedule"):
        setattr(scheduler, name, partial(_checked, getattr(scheduler, name), scheduler._error))


@dataclass(frozen=True)
class _Tick:
    """Looks which schedules are due, as ministack does, by expressions that know their time zones."""

    module: Any
    own: FunctionType

    def __call__(self) -> None:
        FunctionType(self.own.__code__, {**vars(self.module), "_schedules": self}, self.own.__name__)()

    @property
    def _data(self) -> "_Tick":
        """What ministack calls the schedules of all accounts."""
        return self

    def items(self) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        """Each schedule, by its key."""
        for key, schedule in list(self.module._schedules._data.items()):
            expression = _Expression(schedule.get(_EXPRESSION, ""))
            expression.zone = _zone(schedule.get(_ZONE)) or _UTC
            yield key, {**schedule, _EXPRESSION: expression}

    def pop(self, key: Any, default: Any) -> Any:
        """Removes a schedule that is at its end."""
        return self.module._schedules._data.pop(key, default)


def _checked(
    own: Callable[[str, Mapping[str, Any]], Any], refuse: Callable[..., Any], name: str, body: Mapping[str, Any]
) -> Any:
    zone = body.get(_ZONE)
    if zone is not None and _zone(zone) is None:
        return refuse(_INVALID, "ValidationException", f"Invalid {_ZONE}: '{zone}' is no time zone.")
    return own(name, body)


def _zone(name: Any) -> ZoneInfo | None:
    """A time zone by its name; None where this machine knows none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, TypeError, ValueError):
        return None


def _at(own: Callable[[str], float | None], expression: str) -> float | None:
    """When an expression for one time is due, in epoch seconds; None for any other."""
    epoch = own(expression)
    if epoch is None or not isinstance(expression, _Expression):
        return epoch
    return datetime.fromtimestamp(epoch, UTC).replace(tzinfo=expression.zone).timestamp()


def _fields(own: Callable[[str], tuple[Any, ...] | None], expression: str) -> tuple[Any, ...] | None:
    found = own(expression)
    if found is None or not isinstance(expression, _Expression):
        return found
    fields = _Fields(found)
    fields.zone = expression.zone
    return fields


def _next(own: Callable[..., datetime | None], fields: tuple[Any, ...], after: datetime) -> datetime | None:
    """When an expression comes round next.

    What falls into the hour that is left out in spring is skipped, and that of the hour which comes twice in autumn
    comes the first time alone.
    """
    if not isinstance(fields, _Fields):
        return own(fields, after)
    wall = after.astimezone(fields.zone).replace(fold=0)
    while (found := own(fields, wall)) is not None:
        due = found.astimezone(UTC)
        if due > after and due.astimezone(fields.zone).replace(fold=0) == found:
            return due
        wall = found
    return None
