"""Forecasts of an AutoML job on real series, against a seasonal naive forecast and the libraries used bare.

    python benchmarks/forecasting.py [SET ...]

The last horizon of each series is held out of all: of the job, which finds and weighs its candidates by windows before,
and of each library, which is asked for what its guide shows first. The sets are those of statsmodels.
"""

from __future__ import annotations

import logging
import resource
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import prophet
from measure import Row, print_rows
from sagecraft_containers.automl.forecasting.data.analysis import analyze
from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.definition import ForecastDefinition
from sagecraft_containers.automl.forecasting.metrics import QUANTILE_LOSS, measure
from sagecraft_containers.automl.forecasting.models.algorithm import normal, of_samples
from sagecraft_containers.automl.forecasting.models.algorithms import ALGORITHMS
from sagecraft_containers.automl.forecasting.models.naive import seasonal_naive
from sagecraft_containers.automl.forecasting.training.candidates import Limits, try_all
from sagecraft_containers.automl.forecasting.training.ensemble import combine
from statsmodels.datasets import co2, elec_equip, elnino, macrodata, sunspots
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.statespace.sarimax import SARIMAX

SECONDS = 600.0
WINDOWS = 3
METRICS = (QUANTILE_LOSS, "MASE")
GOAL = 1.02


@dataclass(frozen=True)
class Series:
    """A data set.

    Attributes:
        values: A column for each series, by time.
        frequency: The step.
        horizon: How many steps are forecast.
    """

    values: pd.DataFrame
    frequency: str
    horizon: int


def _co2() -> Series:
    values = co2.load_pandas().data.resample("MS").mean().interpolate().iloc[-300:]
    return Series(values, "M", 12)


def _equipment() -> Series:
    return Series(elec_equip.load_pandas().data, "M", 12)


def _elnino() -> Series:
    table = elnino.load_pandas().data.set_index("YEAR")
    times = pd.date_range(f"{int(table.index[0])}-01-01", periods=table.size, freq="MS")
    return Series(pd.DataFrame({"temperature": table.to_numpy().ravel()}, times).dropna(), "M", 12)


def _economy() -> Series:
    table = macrodata.load_pandas().data
    times = pd.date_range("1959-01-01", periods=len(table), freq="QS")
    return Series(table[["realgdp", "realcons", "realinv", "realgovt", "cpi", "unemp"]].set_index(times), "3M", 8)


def _sunspots() -> Series:
    table = sunspots.load_pandas().data
    times = pd.to_datetime(table["YEAR"].astype(int).astype(str) + "-01-01")
    return Series(table[["SUNACTIVITY"]].set_index(pd.DatetimeIndex(times)), "Y", 8)


SETS: dict[str, Callable[[], Series]] = {
    "co2": _co2,
    "equipment": _equipment,
    "el nino": _elnino,
    "economy": _economy,
    "sunspots": _sunspots,
}


def panel_of(series: Series, steps: int, directory: Path) -> Panel:
    """The first steps, as a job is given them."""
    values = series.values.iloc[:steps]
    long = values.stack().reset_index()
    long.columns = pd.Index(["time", "item", "value"])
    (directory / "training").mkdir(parents=True, exist_ok=True)
    long.to_csv(directory / "training" / "series.csv", index=False)
    definition = ForecastDefinition("value", "time", "item", series.frequency, series.horizon)
    return analyze(definition, directory / "training").panel


def by_job(panel: Panel, directory: Path) -> np.ndarray[Any, Any]:
    """What the best candidate of a job forecasts."""
    panel.save(directory / "prepared")
    limits = Limits(SECONDS)
    outcomes = try_all(directory / "prepared", ALGORITHMS, directory, limits, lambda: False, lambda _outcome: None)
    ensemble = combine(panel, [outcome.backtest for outcome in outcomes if outcome.backtest is not None])
    forecasts = [joblib.load(member.fitted).forecast(panel, panel.steps) for member in ensemble.members]
    return np.average(forecasts, axis=0, weights=ensemble.weights)


def by_ets(panel: Panel) -> np.ndarray[Any, Any]:
    """Additive error, damped trend and season, of statsmodels."""

    def forecast(values: Any, season: int) -> np.ndarray[Any, Any]:
        seasonal: dict[str, Any] = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
        fitted = ETSModel(pd.Series(values), error="add", trend="add", damped_trend=True, **seasonal).fit(disp=False)
        predicted = fitted.get_prediction(len(values), len(values) + panel.horizon - 1)
        return normal(np.asarray(predicted.predicted_mean), np.sqrt(np.asarray(predicted.forecast_variance)), panel)

    return np.stack([forecast(values, panel.frequency.season) for values in panel.target])


def by_sarimax(panel: Panel) -> np.ndarray[Any, Any]:
    """The model of airline passengers, of statsmodels."""

    def forecast(values: Any, season: int) -> np.ndarray[Any, Any]:
        seasonal = (0, 1, 1, season) if season > 1 else (0, 0, 0, 0)
        fitted = SARIMAX(values, order=(1, 1, 1), seasonal_order=seasonal).fit(disp=False)
        predicted = fitted.get_forecast(panel.horizon)
        return normal(predicted.predicted_mean, np.sqrt(predicted.var_pred_mean), panel)

    return np.stack([forecast(values, panel.frequency.season) for values in panel.target])


def by_prophet(panel: Panel) -> np.ndarray[Any, Any]:
    """Prophet as it is."""
    logging.getLogger("cmdstanpy").disabled = True
    past, ahead = panel.times(0, panel.steps), panel.times(panel.steps, panel.steps + panel.horizon)
    found = []
    for values in panel.target:
        model = prophet.Prophet()
        model.fit(pd.DataFrame({"ds": past, "y": values}))
        found.append(of_samples(model.predictive_samples(pd.DataFrame({"ds": ahead}))["yhat"], panel))
    return np.stack(found)


BARE: dict[str, Callable[[Panel], np.ndarray[Any, Any]]] = {
    "ETSModel": by_ets,
    "SARIMAX": by_sarimax,
    "Prophet": by_prophet,
}


def compare(name: str, series: Series) -> None:
    """Prints a table of one data set: the mean of some windows at its end."""
    reached: dict[str, list[dict[str, float]]] = {}
    job_seconds = 0.0
    for window in range(WINDOWS, 0, -1):
        steps = len(series.values) - window * series.horizon
        with tempfile.TemporaryDirectory() as made:
            panel = panel_of(series, steps, Path(made))
            whole = panel_of(series, steps + series.horizon, Path(made) / "whole")
            begun = _cpu_seconds()
            forecasts = {"AutoML": by_job(panel, Path(made))}
            job_seconds += _cpu_seconds() - begun
        forecasts["seasonal naive"] = seasonal_naive(panel, steps)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            forecasts |= {library: forecast(panel) for library, forecast in BARE.items()}
        for each, forecast in forecasts.items():
            reached.setdefault(each, []).append(measure(whole, (steps,), forecast[None]))
    rows = [Row("a job", f"{job_seconds / WINDOWS:.0f} s of a core")]
    for metric in METRICS:
        means = {each: float(np.mean([one[metric] for one in windows])) for each, windows in reached.items()}
        best = min(means[library] for library in BARE)
        rows.append(Row(f"AutoML, {metric}", f"{means['AutoML']:.4f}", f"<= {GOAL * best:.4f}"))
        rows += [Row(f"{each}, {metric}", f"{mean:.4f}") for each, mean in means.items() if each != "AutoML"]
    print_rows(f"{name}: {series.values.shape[1]} series of {len(series.values)} steps of {series.frequency}", rows)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SETS:
        compare(chosen, SETS[chosen]())
