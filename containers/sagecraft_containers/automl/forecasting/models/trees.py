"""Gradient boosting across all series: it learns from the past of each what any of its next steps will be.

It stands where AWS has DeepAR+ and CNN-QR, which as it learn from many series at once, from related columns and from
the calendar, and answer quantiles: XGBoost by the quantile loss.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import season_of
from sagecraft_containers.automl.models.estimators import threads
from sagecraft_containers.automl.problem import Array

from .algorithm import Algorithm, Fitted
from .calendar import calendar, calendar_names

_MOST_ROWS: Final = 20_000
_LAGS: Final = 6
_LEAST_PAST: Final = 4
_ROUNDS: Final = 120
_GREATEST: Final = float(np.finfo(np.float32).max)
"""XGBoost reckons in 32 bits, and refuses what is infinite then, as a value of a season before may be beside others."""
_PARAMETERS: Final = {"max_depth": 5, "learning_rate": 0.06, "subsample": 0.8, "colsample_bytree": 0.8, "max_bin": 64}


@dataclass(frozen=True)
class FittedTrees(Fitted):
    """What was learnt.

    Attributes:
        quantiles: The booster of the quantiles.
        mean: The booster of the mean.
        season: How many steps it looks back to find the same place of a season.
        categories: What tells the series apart, by column, in the order of their numbers.
    """

    quantiles: Any
    mean: Any
    season: int
    categories: tuple[tuple[str, ...], ...]

    def forecast(self, panel: Panel, origin: int) -> Array:
        """The next steps of each series."""
        rows = _rows(panel, origin, self.season, self.categories)
        matrix = _matrix(panel, rows.features)
        levels = np.sort(self.quantiles.predict(matrix).reshape(len(rows.base), -1), axis=1)
        values = np.column_stack([levels, self.mean.predict(matrix)])
        order = np.argsort(np.argsort(panel.definition.levels))
        values[:, :-1] = values[:, order]
        answered: Array = rows.base[:, None] + values * rows.scale[:, None]
        return answered.reshape(len(panel), panel.horizon, -1)

    def contributions(self, panel: Panel, origin: int) -> dict[str, float]:
        """How much each feature moves the mean forecast, in SHAP values of the target's own unit."""
        rows = _rows(panel, origin, self.season, self.categories)
        moved = self.mean.predict(_matrix(panel, rows.features), pred_contribs=True)[:, :-1] * rows.scale[:, None]
        means = np.nanmean(np.abs(moved), axis=0)
        return {name: float(mean) for name, mean in zip(feature_names(panel), means, strict=True)}


class Trees(Algorithm):
    """XGBoost, of lags, calendar and related columns."""

    name, candidate = "trees", "tstrees"

    def fit(self, panel: Panel, origin: int) -> Fitted:
        """Learns from forecasts that would have been made before.

        Raises:
            ValueError: The series are too short for any.
        """
        import xgboost  # noqa: PLC0415 - each library is imported where it is used

        season = season_of(origin - panel.horizon, panel.frequency.season)
        categories = tuple(tuple(sorted(set(part))) for part in zip(*panel.keys, strict=True))
        seed = panel.definition.seed
        learnt, target = _learnt(panel, origin, season, categories, np.random.default_rng(seed))
        matrix = _matrix(panel, learnt, target)
        parameters = {**_PARAMETERS, "nthread": threads(), "seed": seed}
        levels = {"objective": "reg:quantileerror", "quantile_alpha": sorted(panel.definition.levels)}
        return FittedTrees(
            xgboost.train({**parameters, **levels}, matrix, _ROUNDS),
            xgboost.train({**parameters, "objective": "reg:squarederror"}, matrix, _ROUNDS),
            season,
            categories,
        )


def feature_names(panel: Panel) -> list[str]:
    """Of the columns of the rows that it learns from."""
    own = [f"lag {lag}" for lag in range(1, _LAGS + 1)]
    own += ["a season before", "two seasons before", "recent mean", "recent spread", "step"]
    return [*own, *calendar_names(panel), *panel.definition.keys, *(column.name for column in panel.columns)]


@dataclass(frozen=True)
class _Rows:
    """A row for each series and step.

    Attributes:
        features: Shape (rows, features).
        base: What the target is told from.
        scale: What it is told in.
    """

    features: Array
    base: Array
    scale: Array


def _rows(panel: Panel, origin: int, season: int, categories: tuple[tuple[str, ...], ...]) -> _Rows:
    """The rows of a forecast: everything of the past is told from the same place of the last season."""
    past, horizon = panel.target[:, :origin], panel.horizon
    steps = np.arange(horizon)
    back = origin + steps - season * (steps // season + 1)
    last = past[:, [-1]]
    before = _at(past, back)
    base = np.where(np.isnan(before), last, before)
    recent = past[:, -max(season, 2 * _LAGS) :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of series that have not begun
        spread, mean = np.nanstd(recent, axis=1), np.nanmean(recent, axis=1)
        scale = np.nanmean(np.abs(recent), axis=1)
    scale = np.where(scale > 0, scale, 1.0)

    def told(values: Array) -> Array:
        return (values - base) / scale[:, None]

    lags = [past[:, [-lag]] if lag <= origin else np.full_like(last, np.nan) for lag in range(1, _LAGS + 1)]
    columns = [told(lag) for lag in lags]
    columns += [(base - last) / scale[:, None], told(_at(past, back - season)), told(mean[:, None])]
    columns += [np.repeat((spread / scale)[:, None], horizon, axis=1), np.tile(steps, (len(panel), 1))]
    dates = calendar(panel, origin, origin + horizon)
    columns += [np.tile(part, (len(panel), 1)) for part in dates.T]
    for place, names in enumerate(categories):
        numbers = {name: float(number) for number, name in enumerate(names)}
        codes = np.array([numbers.get(key[place], np.nan) for key in panel.keys])
        columns.append(np.repeat(codes[:, None], horizon, axis=1))
    columns += list(panel.related[:, :, origin : origin + horizon])
    features = np.stack(columns, axis=2).reshape(-1, len(columns))
    return _Rows(features, base.reshape(-1), np.repeat(scale, horizon))


def _at(past: Array, steps: Array) -> Array:
    """The values at some steps; NaN where they lie before the first one."""
    return np.where(steps < 0, np.nan, past[:, np.maximum(steps, 0)])


def _learnt(
    panel: Panel, origin: int, season: int, categories: tuple[tuple[str, ...], ...], draw: np.random.Generator
) -> tuple[Array, Array]:
    """Rows with what came of them, of forecasts from steps of the past."""
    earliest, latest = max(season, _LEAST_PAST), origin - panel.horizon
    if latest < earliest:
        raise ValueError("the series are too short to learn from forecasts of the past")
    each = len(panel) * panel.horizon
    starts = np.arange(earliest, latest + 1)
    most = max(1, _MOST_ROWS // each)
    if len(starts) > most:
        starts = np.sort(draw.choice(starts, most, replace=False))
    found, targets = [], []
    for start in starts:
        rows = _rows(panel, int(start), season, categories)
        truth = panel.target[:, start : start + panel.horizon].reshape(-1)
        target = (truth - rows.base) / rows.scale
        known = np.isfinite(target)
        found.append(rows.features[known])
        targets.append(target[known])
    features, target = np.concatenate(found), np.concatenate(targets)
    if len(target) > _MOST_ROWS:
        chosen = draw.choice(len(target), _MOST_ROWS, replace=False)
        features, target = features[chosen], target[chosen]
    return features, target


def _matrix(panel: Panel, features: Array, target: Array | None = None) -> Any:
    import xgboost  # noqa: PLC0415

    names = feature_names(panel)
    categorical = {*panel.definition.keys, *(column.name for column in panel.columns if column.categories)}
    types = ["c" if name in categorical else "q" for name in names]
    finite = np.clip(features, -_GREATEST, _GREATEST)
    return xgboost.DMatrix(finite, target, feature_types=types, enable_categorical=True)
