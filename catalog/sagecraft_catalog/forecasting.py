"""What AWS publishes about AutoML jobs on time series: metrics, algorithms, frequencies, how gaps are filled, holidays.

Sources: `TimeSeriesForecastingJobConfig` and `TimeSeriesTransformations` in the SageMaker API reference, "Time-series
forecasting resource limits" and "Algorithms support for time-series forecasting" in the developer guide.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .near_match import near_matches
from .package_data import load

FORECAST_METRICS: Final = ("AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE")
"""The objectives that a forecast can have; less is better of each. The first one is the default."""
FORECAST_ALGORITHMS: Final = ("arima", "cnn-qr", "deepar", "ets", "npts", "prophet")
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLAlgorithmConfig.html"""
FORECAST_FREQUENCY: Final = r"1?Y|([1-9]|1[01])?M|[1-4]?W|[1-6]?D|([1-9]|1\d|2[0-3])?H|([1-9]|[1-5]\d)min"
FORECAST_QUANTILE: Final = r"p[1-9]\d?"
FORECAST_QUANTILES: Final = ("p10", "p50", "p90")
"""Those of a job that asks for none."""
MOST_FORECAST_STEPS: Final = 500
LEAST_STEPS_FOR_EACH_FORECAST: Final = 4
"""So many time steps there must be in the data for each one that is forecast."""
MOST_GROUPING_COLUMNS: Final = 5
MOST_NUMERIC_FEATURES: Final = 13
MOST_CATEGORICAL_FEATURES: Final = 10
FILLED_WITH: Final = ("zero", "value", "median", "mean", "min", "max")
AGGREGATED_BY: Final = ("sum", "avg", "first", "min", "max")
_HOLIDAY_CALENDARS: Final = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-timeseries-forecasting-holiday-calendars.html"
)
_OF_TARGET: Final = ("frontfill", "middlefill", "backfill")
_OF_OTHERS: Final = ("middlefill", "backfill", "futurefill")


def filling_problems(filling: Mapping[str, Mapping[str, str]], target: str) -> Iterator[str]:
    """What is wrong with how gaps are to be filled, one sentence each.

    Args:
        filling: The ways by column.
        target: The column that is forecast.
    """
    for column, ways in filling.items():
        allowed = _OF_TARGET if column == target else _OF_OTHERS
        role = "the target" if column == target else "a related column"
        for way, given in ways.items():
            place = way.removesuffix("_value")
            if place not in allowed or way == "frontfill_value":
                yield f"'{column}' is {role}, which has no {way}; it has {', '.join(allowed)}."
            elif way == "frontfill" and given != "none":
                yield f"'{column}' should have frontfill none, got '{given}'."
            elif way.endswith("_value"):
                yield from _value_problems(column, way, given, ways.get(place))
            elif way != "frontfill" and given not in FILLED_WITH:
                yield f"'{column}' should have {way} of {', '.join(FILLED_WITH)}, got '{given}'."
            elif given == "value" and f"{way}_value" not in ways:
                yield f"'{column}' has {way} value, so it should have a {way}_value."


def _value_problems(column: str, way: str, given: str, method: str | None) -> Iterator[str]:
    if method != "value":
        yield f"'{column}' has {way}, so its {way.removesuffix('_value')} should be value."
    if re.fullmatch(r"-?\d+", given) is None:
        yield f"'{column}' should have a number as {way}, got '{given}'."


def aggregation_problems(aggregation: Mapping[str, str], target: str) -> Iterator[str]:
    """What is wrong with how values of one time step become one, one sentence each."""
    for column, way in aggregation.items():
        if column != target:
            yield f"'{column}' is not the target, which alone is aggregated: '{target}'."
        elif way not in AGGREGATED_BY:
            yield f"'{column}' should be aggregated by {', '.join(AGGREGATED_BY)}, got '{way}'."


def holiday_problems(country: str) -> Iterator[str]:
    """What is wrong with the country whose holidays are made use of, one sentence."""
    names: Mapping[str, str] = load("holiday_countries")["countries"]
    if country in names:
        return
    codes = {name: code for code, name in names.items()}
    meant = dict.fromkeys(codes.get(near, near) for near in near_matches(country, [*names, *codes]))
    told = ", ".join(f"{code} ({names[code]})" for code in meant)
    hint = f"Did you mean {told}?" if told else f"All are told at {_HOLIDAY_CALENDARS}"
    yield f"should be the code of two letters of a country that has a calendar, such as DE, got '{country}'. {hint}"
