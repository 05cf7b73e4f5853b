"""The time that is asked for, and the parts that an answer has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sagecraft_emulator.errors import validation_error

_HOURLY: Final = "HOURLY"
_STEPS: Final = {_HOURLY: timedelta(hours=1), "DAILY": timedelta(days=1)}
_DAY, _HOUR = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
_MOST_HOURLY_DAYS: Final = 14
"""Source: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-granular-data.html"""


@dataclass(frozen=True)
class Part:
    """A part of a time.

    Attributes:
        begin: Its first moment.
        end: The first moment behind it.
        form: How both are written.
    """

    begin: datetime
    end: datetime
    form: str

    @property
    def seconds(self) -> tuple[float, float]:
        """Both in epoch seconds."""
        return self.begin.timestamp(), self.end.timestamp()

    @property
    def as_json(self) -> dict[str, str]:
        """It, as an answer has it."""
        return {"Start": self.begin.strftime(self.form), "End": self.end.strftime(self.form)}


def parts_of(period: Mapping[str, str], granularity: str) -> list[Part]:
    """The parts of a time.

    Args:
        period: `Start`, and `End`, which does not belong to it.
        granularity: `HOURLY`, `DAILY` or `MONTHLY`.

    Raises:
        ApiError: It is none.
    """
    form = _HOUR if granularity == _HOURLY else _DAY
    begin, end = (_moment(period[member], member, form, granularity) for member in ("Start", "End"))
    if begin >= end:
        # Source: https://github.com/elC0mpa/aws-doctor/issues/1
        raise validation_error("Start date (and hour) should be before end date (and hour)")
    if granularity == _HOURLY and end - begin > timedelta(days=_MOST_HOURLY_DAYS):
        raise validation_error(
            f"Hourly data is there for {_MOST_HOURLY_DAYS} days at a time; got {(end - begin).days} days."
        )
    parts = []
    while begin < end:
        following = min(end, _next_month(begin) if granularity == "MONTHLY" else begin + _STEPS[granularity])
        parts.append(Part(begin, following, form))
        begin = following
    return parts


def check_past(parts: list[Part], now: float) -> None:
    """Passes a time that ends no later than this month does.

    Raises:
        ApiError: It ends later.
    """
    if parts[-1].end > _next_month(datetime.fromtimestamp(now, UTC)):
        # Source: https://github.com/aws/aws-sdk-js/issues/2732
        raise validation_error("end date past the beginning of next month")


def _next_month(moment: datetime) -> datetime:
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _moment(text: str, member: str, form: str, granularity: str) -> datetime:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        example = "2026-01-31T00:00:00Z" if form == _HOUR else "2026-01-31"
        raise validation_error(
            f"{member} '{text}' is not a time of granularity {granularity}. Give one such as {example}."
        ) from None
