"""The metrics of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.errors import validation_error
from sagecraft_emulator.metering.meter import Line

_COSTS: Final = ("AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost")
"""All the same here: nothing is bought ahead or with a discount, and no account pays for another."""
_QUANTITIES: Final = ("NormalizedUsageAmount", "UsageQuantity")
METRICS: Final = (*_COSTS, *_QUANTITIES)
_HOUR_SECONDS: Final = 3600
_MONTH_HOURS: Final = 730
_HOURS, _GB_MONTHS, _MIXED = "Hrs", "GB-Mo", "N/A"


def check_metrics(names: Sequence[str]) -> None:
    """Passes names of metrics.

    Raises:
        ApiError: One is none, or there is none.
    """
    wrong = [each for each in names if each not in METRICS]
    if wrong or not names:
        raise validation_error(
            f"Metrics should have at least one of {', '.join(METRICS)}; got {', '.join(wrong) or 'none'}."
        )


class Sum:
    """What lines cost and used together."""

    def __init__(self) -> None:
        self._usd, self._used = Decimal(0), dict[str, Decimal]()

    def add(self, line: Line, begin: float, end: float) -> None:
        """Adds what of a line is within a time."""
        self._usd += line.usd_within(begin, end)
        hours = line.seconds_within(begin, end) / _HOUR_SECONDS * line.quantity
        is_volume = line.component == Component.STORAGE
        unit = _GB_MONTHS if is_volume else _HOURS
        self._used[unit] = self._used.get(unit, Decimal(0)) + (hours / _MONTH_HOURS if is_volume else hours)

    def as_json(self, metrics: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """It, by metric."""
        return {name: self._metric(name) for name in metrics}

    def _metric(self, name: str) -> Mapping[str, str]:
        if name in _COSTS:
            return {"Amount": amount(self._usd), "Unit": "USD"}
        if name == "NormalizedUsageAmount":  # of services with sizes that can be reserved
            return {"Amount": "0", "Unit": _MIXED}
        unit = next(iter(self._used)) if len(self._used) == 1 else _MIXED
        return {"Amount": amount(sum(self._used.values(), Decimal(0))), "Unit": unit}


def amount(number: Decimal) -> str:
    """A number as Cost Explorer writes it."""
    text = f"{number:.10f}".rstrip("0").rstrip(".")
    return text or "0"
