"""What a `TimeSeriesForecastingJobConfig` asks for, and what is wrong with it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TimeSeriesForecastingJobConfig.html
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

from sagecraft_catalog.forecasting import (
    FORECAST_ALGORITHMS,
    FORECAST_METRICS,
    FORECAST_QUANTILES,
    MOST_FORECAST_STEPS,
    aggregation_problems,
    filling_problems,
    holiday_problems,
)

from sagecraft_emulator.errors import NotDone

_LIBRARIES: Final = ("holidays", "prophet", "statsmodels")
_NO_PROGRAM: Final = ("cnn-qr", "deepar")
"""AWS's own neural networks, which nothing here stands for under their names."""


def forecast_problems(
    request: Mapping[str, Any], config: Mapping[str, Any], algorithms: Sequence[str]
) -> Iterator[str]:
    """Everything that is wrong with a request, and that the service model does not see; one sentence each.

    Args:
        request: In the form of V2.
        config: Its `TimeSeriesForecastingJobConfig`.
        algorithms: Those that it chooses.
    """
    if missing := [name for name in _LIBRARIES if find_spec(name) is None]:
        needed = f"package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
        yield NotDone(f'TimeSeriesForecastingJobConfig needs the {needed}. Run: pip install "sagecraft[automl]"')
        return
    objective = request.get("AutoMLJobObjective", {}).get("MetricName", FORECAST_METRICS[0])
    if objective not in FORECAST_METRICS:
        yield (
            f"AutoMLJobObjective.MetricName '{objective}' is none of time-series forecasting; use one of "
            f"{', '.join(FORECAST_METRICS)}."
        )
    most = config.get("CompletionCriteria", {}).get("MaxCandidates", 1)
    if most != 1:
        yield f"CompletionCriteria.MaxCandidates of time-series forecasting must be 1, got {most}."
    if any(each.get("ChannelType") == "validation" for each in request["AutoMLJobInputDataConfig"]):
        yield "A channel of type validation must not be given for time series, which are split by time."
    if "DataSplitConfig" in request:
        yield "DataSplitConfig must not be given for time series, which are split by time."
    if config["ForecastHorizon"] > MOST_FORECAST_STEPS:
        yield f"ForecastHorizon must be {MOST_FORECAST_STEPS} at most, got {config['ForecastHorizon']}."
    yield from _column_problems(config)
    yield from _algorithm_problems(algorithms)
    yield from _holiday_problems(config)


def asked_of_series(body: Mapping[str, Any], config: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """What the program is asked for of time series: members of its `definition.json`."""
    series, transformations = config["TimeSeriesConfig"], config.get("Transformations", {})
    holidays = [each.get("CountryCode") for each in config.get("HolidayConfig", ())]
    return {
        "target": series["TargetAttributeName"],
        "timestamp": series["TimestampAttributeName"],
        "item": series["ItemIdentifierAttributeName"],
        "groups": series.get("GroupingAttributeNames", []),
        "frequency": config["ForecastFrequency"],
        "horizon": config["ForecastHorizon"],
        "quantiles": config.get("ForecastQuantiles", FORECAST_QUANTILES),
        "filling": transformations.get("Filling", {}),
        "aggregation": transformations.get("Aggregation", {}),
        "holidays": holidays[0] if holidays else None,
        "objective": body.get("AutoMLJobObjective", {}).get("MetricName", FORECAST_METRICS[0]),
        **columns,
    }


def _column_problems(config: Mapping[str, Any]) -> Iterator[str]:
    series, transformations = config["TimeSeriesConfig"], config.get("Transformations", {})
    target = series["TargetAttributeName"]
    names = [
        target,
        series["TimestampAttributeName"],
        series["ItemIdentifierAttributeName"],
        *series.get("GroupingAttributeNames", ()),
    ]
    for what, given in (
        ("TimeSeriesConfig names the column", names),
        ("ForecastQuantiles has", config.get("ForecastQuantiles", ())),
    ):
        for value, times in Counter(given).items():
            if times > 1:
                yield f"{what} '{value}' {times} times; each must be named once."
    for problem in filling_problems(transformations.get("Filling", {}), target):
        yield f"Transformations.Filling: {problem}"
    for problem in aggregation_problems(transformations.get("Aggregation", {}), target):
        yield f"Transformations.Aggregation: {problem}"


def _algorithm_problems(algorithms: Sequence[str]) -> Iterator[str]:
    unknown = sorted(set(algorithms) - set(FORECAST_ALGORITHMS))
    if unknown:
        yield (
            f"AutoMLAlgorithms {', '.join(unknown)} are none of time-series forecasting; it has "
            f"{', '.join(FORECAST_ALGORITHMS)}."
        )
    lacking = sorted(set(algorithms).intersection(_NO_PROGRAM))
    if lacking:
        own = ", ".join(name for name in FORECAST_ALGORITHMS if name not in _NO_PROGRAM)
        yield NotDone(
            f"AutoMLAlgorithms {', '.join(lacking)}: this emulator has no program for them; choose of {own}, or leave "
            "AlgorithmsConfig out: then gradient boosting stands in for the neural networks."
        )


def _holiday_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for each in config.get("HolidayConfig", ()):
        country = each.get("CountryCode")
        if country is None:
            yield "HolidayConfig must have a CountryCode."
            continue
        if problem := next(holiday_problems(country), None):
            yield f"HolidayConfig.CountryCode: {problem}"
            continue
        import holidays  # noqa: PLC0415 - of the extra `automl`

        if country not in holidays.list_supported_countries():
            yield NotDone(
                f"HolidayConfig.CountryCode '{country}' is not supported by this emulator: the library holidays does "
                "not know the country."
            )
