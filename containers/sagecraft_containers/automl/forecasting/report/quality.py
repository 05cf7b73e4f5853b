"""How good the forecasts are: numbers for programs, and a page to look at."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.dates import ConciseDateFormatter

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.forecasting.model import Forecaster
from sagecraft_containers.automl.forecasting.models.naive import seasonal_naive
from sagecraft_containers.automl.forecasting.training.backtest import origins
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.automl.report.page import Page, figure

_STATISTICS: Final = "statistics.json"
_PAGE: Final = "report.html"
_DRAWN: Final = 6
_LISTED: Final = 10
_PAST_HORIZONS: Final = 6
_COLOR, _NAIVE_COLOR = "#0073bb", "#879596"


def write_quality(
    panel: Panel, model: Forecaster, forecasts: Array, board: Sequence[Mapping[str, Any]], directory: Path
) -> None:
    """Writes `statistics.json` and `report.html`.

    Args:
        panel: The series.
        model: The forecaster, which is asked for what follows on them.
        forecasts: Of the windows of the past, shape (windows, series, horizon, answered).
        board: The leaderboard.
        directory: Where to.
    """
    windows = origins(panel)
    naive = np.stack([seasonal_naive(panel, origin) for origin in windows])
    measured, compared = measure(panel, windows, forecasts), measure(panel, windows, naive)
    definition = panel.definition
    page = Page(f"Forecast quality: {definition.target}")
    page.paragraph(
        f"{len(panel):,} series of {panel.steps:,} steps of {panel.frequency}; {panel.horizon} are forecast. Measured "
        f"are {len(windows)} window(s) of the past, which the forecasts had not seen. Candidates were compared by "
        f"{definition.objective}; less is better of each metric."
    )
    rows = [[name, value, compared[name]] for name, value in measured.items()]
    page.table(["Metric", "Best candidate", "Seasonal naive"], rows)
    page.heading("Candidates")
    page.paragraph("The ensemble averages its members by their weights.")
    page.table(
        ["Candidate", definition.objective, "MASE", "WAPE", "Weight"],
        [_candidate(row, definition.objective) for row in board],
    )
    _draw_series(page, panel, model, forecasts, windows)
    _draw_steps(page, panel, windows, forecasts, naive)
    _list_series(page, panel, windows, forecasts)
    directory.mkdir(parents=True, exist_ok=True)
    values = {name: {"value": value, "seasonal_naive": compared[name]} for name, value in measured.items()}
    statistics = {"dataset": {"item_count": len(panel)}, "time_series_forecasting_metrics": values}
    (directory / _STATISTICS).write_text(json.dumps(statistics, indent=1), encoding="utf-8")
    (directory / _PAGE).write_text(page.text(), encoding="utf-8")


def _candidate(row: Mapping[str, Any], objective: str) -> list[Any]:
    name = f"{row['name']} ({row['algorithm']})" if "algorithm" in row else row["name"]
    if "failure" in row:
        return [name, row["failure"], "", "", ""]
    measured = row["validation"]
    return [
        name,
        measured[objective],
        measured["MASE"],
        measured["WAPE"],
        f"{row['weight']:.0%}" if "weight" in row else "",
    ]


def _draw_series(page: Page, panel: Panel, model: Forecaster, forecasts: Array, windows: Sequence[int]) -> None:
    page.heading("Series")
    page.paragraph(
        "The largest series: their values, the forecasts of the windows of the past, and the one of what comes. The "
        "line is the mean, the band lies between the least and the greatest quantile."
    )
    largest = np.argsort(-np.nansum(np.abs(panel.target), axis=1))[:_DRAWN].tolist()
    chosen = panel.take(largest)
    ahead = model.forecast(chosen)
    begin = max(0, min(windows) - _PAST_HORIZONS * panel.horizon)
    for place, key in enumerate(chosen.keys):
        drawn, axes = figure(9, 3)
        axes.plot(chosen.times(begin, panel.steps), chosen.target[place, begin:], color="#16191f", linewidth=1)
        shown = [(origin, forecast[largest[place]]) for origin, forecast in zip(windows, forecasts, strict=True)]
        for origin, forecast in [*shown, (panel.steps, ahead[place])]:
            times = chosen.times(origin, origin + panel.horizon)
            color = "#d45b07" if origin == panel.steps else _COLOR
            axes.plot(times, forecast[:, -1], color=color, linewidth=1.2)
            levels = forecast[:, :-1]
            axes.fill_between(times, levels.min(axis=1), levels.max(axis=1), color=color, alpha=0.2, linewidth=0)
            axes.axvline(times[0], color="#aab7b8", linewidth=0.6, linestyle=":")
        axes.set_title(", ".join(key), loc="left", fontsize=10)
        axes.margins(x=0.01)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))  # type: ignore[no-untyped-call]
        page.drawing(drawn, f"Values and forecasts of {', '.join(key)}")


def _draw_steps(page: Page, panel: Panel, windows: Sequence[int], forecasts: Array, naive: Array) -> None:
    page.heading("Error by step")
    page.paragraph("How much of the values' sum the absolute errors of the mean are (WAPE), step by step.")
    truth = np.stack([panel.target[:, origin : origin + panel.horizon] for origin in windows])
    total = np.nansum(np.abs(truth), axis=(0, 1))
    steps = np.arange(1, panel.horizon + 1)
    drawn, axes = figure(7, 3)
    for name, values, color in (("best candidate", forecasts, _COLOR), ("seasonal naive", naive, _NAIVE_COLOR)):
        errors = np.nansum(np.abs(truth - values[..., -1]), axis=(0, 1)) / np.where(total > 0, total, 1)
        axes.plot(steps, errors, color=color, marker="o", markersize=3, label=name)
    axes.set(xlabel="step of the forecast", ylabel="WAPE")
    axes.set_ylim(bottom=0)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False)
    page.drawing(drawn, "Error of the best candidate and of a seasonal naive forecast by step")


def _list_series(page: Page, panel: Panel, windows: tuple[int, ...], forecasts: Array) -> None:
    page.heading("Series that are hardest to forecast")
    found: list[list[Any]] = []
    for place, key in enumerate(panel.keys):
        measured = measure(panel.take([place]), windows, forecasts[:, [place]])
        found.append([*key, measured["WAPE"], measured["MASE"], measured[panel.definition.objective]])
    own = len(panel.definition.keys)
    found.sort(key=lambda row: -np.nan_to_num(row[own]))
    page.table([*panel.definition.keys, "WAPE", "MASE", panel.definition.objective], found[:_LISTED])
