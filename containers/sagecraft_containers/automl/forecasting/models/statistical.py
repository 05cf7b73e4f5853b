"""ETS and ARIMA of statsmodels: a form is chosen for each series by the corrected information criterion of Akaike.

A series that is positive is also tried as its logarithm, by which trend and season multiply. A season of many steps is
taken off first, by LOESS, because the state of either model would grow with it.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.stattools import kpss
from threadpoolctl import threadpool_limits

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.problem import Array

from .algorithm import Algorithm, ByItself, Fitted, least, log_normal, naive, normal

_LONG_SEASON: Final = 24
_MOST_STEPS: Final = 1000
"""Older values hardly count, and a fit takes as long as they are many."""
_STRONG_SEASON: Final = 0.64
"""Hyndman and Athanasopoulos, "Forecasting: principles and practice", 9.9"""
_STATIONARY: Final = 0.05
_MOST_DIFFERENCES: Final = 2
_MOST_ORDER: Final = 3
_MOST_ARIMA_FITS: Final = 10
_FIT: Final = {"disp": False, "maxiter": 50, "cov_type": "none"}
_QUICK_FIT: Final = {**_FIT, "maxiter": 15}
"""Enough to compare the orders of a season, each of which takes a second else."""


@dataclass(frozen=True)
class _Form:
    """What a series is made of.

    Attributes:
        logarithm: Whether its logarithm is modelled.
        season: How many steps a season has that the model itself has; 1 of none.
        removed: How many steps a season has that is taken off before; 1 of none.
        given: What else the model is told.
    """

    logarithm: bool
    season: int
    removed: int
    given: tuple[Any, ...] = ()


class _Statistical(ByItself):
    def form(self, values: Array, season: int) -> Any:
        """The form with the least criterion."""
        values = values[-_MOST_STEPS:]
        if np.ptp(values) == 0:
            return None
        whole = season if len(values) >= 2 * season + 1 else 1
        own, removed = (whole, 1) if whole <= _LONG_SEASON else (1, whole)
        forms = [_Form(logarithm, own, removed) for logarithm in (False, True)[: 1 + (values.min() > 0)]]
        with _fitting():
            return least(self.tried(values, forms))

    def series(self, panel: Panel, place: int, origin: int, form: Any) -> Array:
        """The next steps of one series."""
        values = panel.target[place, :origin]
        values = values[~np.isnan(values)][-_MOST_STEPS:]
        if form is None or np.ptp(values) == 0 or len(values) < 2 * max(form.season, form.removed) + 1:
            return naive(values, panel)
        if form.logarithm and values.min() <= 0:
            form = replace(form, logarithm=False)
        modelled, seasonal = _modelled(values, form)
        with _fitting():
            mean, variance = self.predicted(modelled, form, panel.horizon)
        if seasonal is not None:
            mean = mean + np.resize(seasonal, panel.horizon)
        deviation = np.sqrt(np.maximum(variance, 0))
        answered = (log_normal if form.logarithm else normal)(mean, deviation, panel)
        return answered if np.isfinite(answered).all() else naive(values, panel)

    def tried(self, values: Array, forms: Sequence[_Form]) -> list[tuple[float, _Form]]:
        """Forms with their criteria; that of logarithms is the one of the values themselves."""
        raise NotImplementedError

    def predicted(self, values: Array, form: _Form, steps: int) -> tuple[Array, Array]:
        """The mean and the variance of the next steps."""
        raise NotImplementedError


class _FittedETS(_Statistical):
    def tried(self, values: Array, forms: Sequence[_Form]) -> list[tuple[float, _Form]]:
        trends = ((None, False), ("add", False), ("add", True))
        return [_ets_criterion(values, replace(form, given=trend)) for form in forms for trend in trends]

    def predicted(self, values: Array, form: _Form, steps: int) -> tuple[Array, Array]:
        prediction = _fitted_ets(pd.Series(values), form).get_prediction(len(values), len(values) + steps - 1)
        return np.asarray(prediction.predicted_mean), np.asarray(prediction.forecast_variance)


class _FittedARIMA(_Statistical):
    def tried(self, values: Array, forms: Sequence[_Form]) -> list[tuple[float, _Form]]:
        """Searches stepwise, as Hyndman and Khandakar: from a few orders on to those beside the best one.

        The series itself is tried alone, not its logarithm: so does `auto.arima`, which AWS's is.
        """
        form, seasonal = forms[0], forms[0].season > 1
        values = _modelled(values, form)[0]
        difference = int(seasonal and _seasonal_strength(values, form.season) > _STRONG_SEASON)
        rest = values[form.season :] - values[: -form.season] if difference else values
        steps = _differences(rest)
        found: dict[tuple[int, ...], float] = {}

        def criterion(orders: tuple[int, ...]) -> float:
            if orders not in found and len(found) < _MOST_ARIMA_FITS:
                found[orders] = self._criterion(values, self._with(form, orders, steps, difference))
            return found.get(orders, np.inf)

        one = int(seasonal)
        begun: list[tuple[int, ...]] = [(2, 2, one, one), (0, 0, 0, 0), (1, 0, one, 0), (0, 1, 0, one)]
        best = min(begun, key=criterion)
        while True:
            nearest = min(_beside(best, seasonal=seasonal), key=criterion)
            if criterion(nearest) >= criterion(best):
                break
            best = nearest
        return [(criterion(best), self._with(form, best, steps, difference))]

    def predicted(self, values: Array, form: _Form, steps: int) -> tuple[Array, Array]:
        # The estimates are those of the differences, which are quicker to fit.
        estimated = self._model(values, form, simple=True).fit(**_FIT).params
        forecast = self._model(values, form, simple=False).filter(estimated).get_forecast(steps)
        return np.asarray(forecast.predicted_mean), np.asarray(forecast.var_pred_mean)

    @staticmethod
    def _with(form: _Form, orders: tuple[int, ...], steps: int, difference: int) -> _Form:
        p, q, seasonal_p, seasonal_q = orders
        return replace(form, given=((p, steps, q), (seasonal_p, difference, seasonal_q)))

    def _criterion(self, values: Array, form: _Form) -> float:
        try:
            return float(self._model(values, form, simple=True).fit(**(_QUICK_FIT if form.season > 1 else _FIT)).aicc)
        except (ValueError, IndexError, np.linalg.LinAlgError):
            return float("inf")

    @staticmethod
    def _model(values: Array, form: _Form, *, simple: bool) -> Any:
        order, seasonal = form.given
        season = (*seasonal, form.season) if form.season > 1 else (0, 0, 0, 0)
        # The mean of what is not differenced, the drift of what is differenced once.
        trend = "c" if order[1] + seasonal[1] <= 1 else None
        return SARIMAX(values, order=order, seasonal_order=season, trend=trend, simple_differencing=simple)


class ETS(Algorithm):
    """Exponential smoothing: level, trend that may be damped, and season."""

    name, candidate = "ets", "tsets"

    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Chooses a form for each series."""
        return _FittedETS(panel.definition.seed).learn(panel, origin)


class ARIMA(Algorithm):
    """Autoregression and moving average of differences, with a season."""

    name, candidate = "arima", "tsarima"

    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Chooses orders for each series."""
        return _FittedARIMA(panel.definition.seed).learn(panel, origin)


@contextmanager
def _fitting() -> Iterator[None]:
    """Has a fit keep to one thread, without its warnings.

    Its matrices have a few dozen rows. Threads of OpenBLAS that share such a one wait for each other, and spin
    meanwhile: a fit takes ten times as long, and all cores.
    """
    with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
        warnings.simplefilter("ignore")  # of forms that do not converge, which then are not chosen
        yield


def _modelled(values: Array, form: _Form) -> tuple[Array, Array | None]:
    """What the model sees, and the season to add to its forecast."""
    values = np.log(values) if form.logarithm else values
    if form.removed == 1:
        return values, None
    seasonal = np.asarray(STL(values, period=form.removed, robust=True).fit().seasonal)
    return values - seasonal, seasonal[-form.removed :]


def _fitted_ets(values: "Array | pd.Series[float]", form: _Form) -> Any:
    trend, damped = form.given
    seasonal = {"seasonal": "add", "seasonal_periods": form.season} if form.season > 1 else {}
    return ETSModel(values, error="add", trend=trend, damped_trend=damped, **seasonal).fit(disp=False)


def _ets_criterion(values: Array, form: _Form) -> tuple[float, _Form]:
    modelled, _ = _modelled(values, form)
    try:
        criterion = float(_fitted_ets(modelled, form).aicc)
    except (ValueError, np.linalg.LinAlgError):
        return np.inf, form
    # What makes the criterion of logarithms one of the values.
    return criterion + (2 * float(np.log(values).sum()) if form.logarithm else 0.0), form


def _seasonal_strength(values: Array, season: int) -> float:
    parts = STL(values, period=season).fit()
    rest = np.var(parts.resid)
    return float(max(0.0, 1 - rest / max(np.var(parts.seasonal + parts.resid), 1e-300)))


def _differences(values: Array) -> int:
    """How often a series has to be differenced until its level stays."""
    for times in range(_MOST_DIFFERENCES):
        if np.ptp(values) == 0 or len(values) < 8 or kpss(values, nlags="legacy")[1] >= _STATIONARY:
            return times
        values = np.diff(values)
    return _MOST_DIFFERENCES


def _beside(orders: tuple[int, ...], *, seasonal: bool) -> list[tuple[int, ...]]:
    p, q, seasonal_p, seasonal_q = orders
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (-1, -1)]
    found = [(p + one, q + other, seasonal_p, seasonal_q) for one, other in steps]
    if seasonal:
        found += [(p, q, 1 - seasonal_p, seasonal_q), (p, q, seasonal_p, 1 - seasonal_q)]
    return [each for each in found if min(each) >= 0 and max(each[:2]) <= _MOST_ORDER]
