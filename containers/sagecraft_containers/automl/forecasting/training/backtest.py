"""Compares by the past: an algorithm forecasts windows whose values it has not seen."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.forecasting.models.algorithms import find_algorithm
from sagecraft_containers.automl.problem import Array

_WINDOWS: Final = 3
_MORE_WINDOWS: Final = 5
_FEW_SERIES: Final = 10
"""Of so few series each window tells little, so there are more of them."""
_LEAST_HORIZONS: Final = 3
"""So many horizons lie before the first window."""


@dataclass(frozen=True)
class Backtest:
    """What became of an algorithm.

    Attributes:
        algorithm: Its name.
        candidate: That of its candidate.
        forecasts: Of each window, shape (windows, series, horizon, answered).
        measured: Every metric.
        fitted: What the model keeps of it; or the file that it was put into.
        latency_seconds: For the forecast of one series.
        seconds: That all of it took.
    """

    algorithm: str
    candidate: str
    forecasts: Array
    measured: dict[str, float]
    fitted: Any
    latency_seconds: float
    seconds: float


def origins(panel: Panel) -> tuple[int, ...]:
    """The first steps of the windows, the last of which ends with the data."""
    most = _MORE_WINDOWS if len(panel) <= _FEW_SERIES else _WINDOWS
    count = min(most, max(1, panel.steps // panel.horizon - _LEAST_HORIZONS))
    return tuple(panel.steps - panel.horizon * number for number in range(count, 0, -1))


def backtest(panel: Panel, name: str, file: Path) -> Backtest:
    """Has an algorithm learn from what lies before the first window, and forecast each from what lies before it.

    Args:
        panel: The series.
        name: Of the algorithm.
        file: Where what the model keeps is put.

    Raises:
        ValueError: The series are too short for the algorithm.
        ArithmeticError: It has no forecast of a series that others have one of.
    """
    import joblib  # noqa: PLC0415

    begun = time.monotonic()
    algorithm = find_algorithm(name)
    windows = origins(panel)
    fitted = algorithm.fit(panel, windows[0])
    forecasts = np.stack([fitted.forecast(panel, origin) for origin in windows])
    for origin, forecast in zip(windows, forecasts, strict=True):
        seen = ~np.isnan(panel.target[:, :origin]).all(axis=1)
        if not np.isfinite(forecast[seen]).all():
            raise ArithmeticError("its forecasts are not finite")
    finished = algorithm.fit(panel, panel.steps)
    one = panel.take([0])
    asked = time.perf_counter()
    finished.forecast(one, one.steps)
    latency = time.perf_counter() - asked
    joblib.dump(finished, file)
    measured = measure(panel, windows, forecasts)
    return Backtest(name, algorithm.candidate, forecasts, measured, file, latency, time.monotonic() - begun)
