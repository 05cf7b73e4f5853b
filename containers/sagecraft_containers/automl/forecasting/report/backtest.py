"""What was forecast of the past, and how good it was, series by series.

Both files have the columns of the backtest exports of Amazon Forecast. Source: "Exporting backtest results",
https://docs.aws.amazon.com/forecast/latest/dg/metrics.html
"""

from pathlib import Path
from typing import Final

import pandas as pd

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.forecasting.training.backtest import origins
from sagecraft_containers.automl.problem import Array

VALUES: Final = "forecasted-values.csv"
METRICS: Final = "accuracy-metrics-values.csv"
_BEGIN, _END = "backtestwindow_start_time", "backtestwindow_end_time"


def write_backtest(panel: Panel, forecasts: Array, directory: Path) -> None:
    """Writes `forecasted-values.csv` and `accuracy-metrics-values.csv`.

    Args:
        panel: The series.
        forecasts: Of each window, shape (windows, series, horizon, answered).
        directory: Where to.
    """
    values, metrics = [], []
    for number, (origin, forecast) in enumerate(zip(origins(panel), forecasts, strict=True)):
        begin, end = panel.frequency.text(panel.times(origin, origin + panel.horizon)[[0, -1]])
        window = {_BEGIN: begin, _END: end}
        table = panel.named(forecast, origin)
        own = len(panel.definition.keys) + 1
        truth = panel.target[:, origin : origin + panel.horizon].reshape(-1)
        table.insert(own, "target_value", truth)
        for place, (name, time) in enumerate(window.items(), start=own + 1):
            table.insert(place, name, time)
        values.append(table)
        metrics.append(_metrics(panel, number, origin, forecast, window))
    directory.mkdir(parents=True, exist_ok=True)
    pd.concat(values).to_csv(directory / VALUES, index=False, float_format="%.10g")
    pd.concat(metrics).to_csv(directory / METRICS, index=False, float_format="%.10g")


def _metrics(panel: Panel, number: int, origin: int, forecast: Array, window: dict[str, str]) -> pd.DataFrame:
    rows = []
    for place, key in enumerate(panel.keys):
        named = dict(zip(panel.definition.keys, key, strict=True))
        measured = measure(panel.take([place]), (origin,), forecast[None, [place]])
        rows.append({**named, "backtest_window": number, **window, **measured})
    return pd.DataFrame(rows)
