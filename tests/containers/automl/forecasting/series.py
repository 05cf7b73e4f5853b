"""Small series with something to forecast in them."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sagecraft_containers.automl.forecasting.data.analysis import Analysis, analyze
from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.definition import ForecastDefinition

BEGIN = date(2024, 1, 1)
HEADER = "shop,day,sold"


def define(**members: Any) -> ForecastDefinition:
    """A forecast of what shops sell in the next week."""
    given = {"target": "sold", "timestamp": "day", "item": "shop", "frequency": "1D", "horizon": 7, **members}
    return ForecastDefinition.from_json(given)


def days(count: int, begin: date = BEGIN) -> list[str]:
    return [str(begin + timedelta(number)) for number in range(count)]


def sales(shop: str, count: int = 84) -> list[str]:
    """What a shop sells, more of it on weekends, and more and more."""
    return [
        f"{shop},{day},{50 + number + 20 * (number % 7 >= 5) + 3 * math.sin(number * 2.3):.3f}"
        for number, day in enumerate(days(count))
    ]


def analyzed(directory: Path, lines: Sequence[str], header: str = HEADER, **members: Any) -> Analysis:
    """The analysis of some lines of CSV."""
    channel = directory / "training"
    channel.mkdir(parents=True, exist_ok=True)
    (channel / "part.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return analyze(define(**members), channel)


def shops(directory: Path, **members: Any) -> Panel:
    """Two shops."""
    return analyzed(directory, [*sales("east"), *sales("west")], **members).panel
