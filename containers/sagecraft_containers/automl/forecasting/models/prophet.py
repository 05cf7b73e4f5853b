"""Prophet: a trend that bends, seasons of the calendar, holidays and related columns, added up."""

import logging
import warnings
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.problem import Array

from .algorithm import Algorithm, ByItself, Fitted, of_samples

_SAMPLES: Final = 300
_MOST_STEPS: Final = 3000


class _FittedProphet(ByItself):
    def form(self, values: Array, season: int) -> Any:  # noqa: ARG002 - it has one
        """Nothing: Prophet has one form."""
        return ()

    def learn(self, panel: Panel, origin: int) -> "_FittedProphet":  # noqa: ARG002
        """Nothing: it is fitted when it forecasts."""
        return self

    def series(self, panel: Panel, place: int, origin: int, form: Any) -> Array:  # noqa: ARG002
        """The next steps of one series."""
        begin = max(0, origin - _MOST_STEPS)
        frame = pd.DataFrame({"ds": panel.times(begin, origin + panel.horizon)})
        frame["y"] = np.append(panel.target[place, begin:origin], np.full(panel.horizon, np.nan))
        regressors = []
        for number, column in enumerate(panel.columns):
            values = panel.related[number, place, begin : origin + panel.horizon]
            if not column.categories and not np.isnan(values).all() and np.nanstd(values) > 0:
                frame[column.name] = np.where(np.isnan(values), np.nanmean(values), values)
                regressors.append(column.name)
        past = frame.iloc[: origin - begin].dropna(subset=["y"])
        np.random.seed(self._seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = _prophet(panel, regressors)
            model.fit(past, seed=self._seed)
            samples = model.predictive_samples(frame.iloc[origin - begin :].reset_index(drop=True))["yhat"]
        return of_samples(samples, panel)


class Prophet(Algorithm):
    """Facebook's library, which is what AWS runs, too."""

    name, candidate = "prophet", "tsprophet"

    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Nothing but its seed: it is fitted to each series when it forecasts."""
        return _FittedProphet(panel.definition.seed).learn(panel, origin)


def _prophet(panel: Panel, regressors: list[str]) -> Any:
    logging.getLogger("prophet.plot").disabled = True  # which tells that plotly is not installed
    import prophet  # noqa: PLC0415 - of the extra `automl`, and two seconds

    for name in ("cmdstanpy", "prophet"):
        logging.getLogger(name).disabled = True
    model = prophet.Prophet(uncertainty_samples=_SAMPLES)
    if panel.definition.holidays is not None:
        model.add_country_holidays(country_name=panel.definition.holidays)
    for name in regressors:
        model.add_regressor(name)
    return model
