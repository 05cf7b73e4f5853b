"""What AutoML jobs on time series are asked for, and what is refused of it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TimeSeriesForecastingJobConfig.html
"""

from typing import Any

import pytest
from sagecraft_catalog.package_data import load
from sagecraft_emulator.automl.places import Places
from sagecraft_emulator.automl.request import problems
from sagecraft_emulator.automl.steps import asked
from sagecraft_emulator.errors import NotDone

pytest.importorskip("statsmodels")

SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}}
COLUMNS = {"TargetAttributeName": "sold", "TimestampAttributeName": "day", "ItemIdentifierAttributeName": "shop"}


def request(config: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    series = {"ForecastFrequency": "1D", "ForecastHorizon": 7, "TimeSeriesConfig": COLUMNS, **(config or {})}
    return {
        "AutoMLJobInputDataConfig": [{"DataSource": SOURCE}],
        "AutoMLProblemTypeConfig": {"TimeSeriesForecastingJobConfig": series},
        **members,
    }


def chosen(*algorithms: str) -> dict[str, Any]:
    return {"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": list(algorithms)}]}}


def filled(column: str, **ways: str) -> dict[str, Any]:
    return {"Transformations": {"Filling": {column: ways}}}


def test_the_program_is_asked_for_what_the_request_says() -> None:
    config = {
        "ForecastQuantiles": ["p5", "p95"],
        "Transformations": {"Filling": {"price": {"futurefill": "mean"}}, "Aggregation": {"sold": "avg"}},
        "TimeSeriesConfig": {**COLUMNS, "GroupingAttributeNames": ["town"]},
        "HolidayConfig": [{"CountryCode": "DE"}],
        **chosen("ets", "npts"),
    }
    given = request(config, AutoMLJobObjective={"MetricName": "MASE"})
    assert list(problems(given)) == []
    assert asked(given, Places("s3://bucket/out"), {"features": ["price"]}, seed=5) == {
        "target": "sold",
        "timestamp": "day",
        "item": "shop",
        "groups": ["town"],
        "frequency": "1D",
        "horizon": 7,
        "quantiles": ["p5", "p95"],
        "filling": {"price": {"futurefill": "mean"}},
        "aggregation": {"sold": "avg"},
        "holidays": "DE",
        "objective": "MASE",
        "features": ["price"],
        "algorithms": ["ets", "npts"],
        "seed": 5,
    }


def test_what_is_left_out_is_aws_s_own_choice() -> None:
    definition = asked(request(), Places("s3://bucket/out"), {}, seed=5)
    assert definition["quantiles"] == ("p10", "p50", "p90")
    assert definition["objective"] == "AverageWeightedQuantileLoss"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            request(AutoMLJobObjective={"MetricName": "R2"}),
            "AutoMLJobObjective.MetricName 'R2' is none of time-series forecasting; use one of AverageWeightedQuantile",
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobCompletionCriteria.html
        (
            request({"CompletionCriteria": {"MaxCandidates": 3}}),
            "CompletionCriteria.MaxCandidates of time-series forecasting must be 1, got 3.",
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJobV2.html
        (
            request(DataSplitConfig={"ValidationFraction": 0.2}),
            "DataSplitConfig must not be given for time series, which are split by time.",
        ),
        (
            request(
                AutoMLJobInputDataConfig=[{"DataSource": SOURCE}, {"DataSource": SOURCE, "ChannelType": "validation"}]
            ),
            "A channel of type validation must not be given for time series, which are split by time.",
        ),
        (request({"ForecastHorizon": 501}), "ForecastHorizon must be 500 at most, got 501."),
        (
            request({"TimeSeriesConfig": {**COLUMNS, "GroupingAttributeNames": ["shop"]}}),
            "TimeSeriesConfig names the column 'shop' 2 times; each must be named once.",
        ),
        (
            request({"ForecastQuantiles": ["p10", "p10"]}),
            "ForecastQuantiles has 'p10' 2 times; each must be named once.",
        ),
        (
            request(chosen("ets", "xgboost")),
            "AutoMLAlgorithms xgboost are none of time-series forecasting; it has arima",
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-timeseries-forecasting-holiday-calendars.html
        (
            request({"HolidayConfig": [{"CountryCode": "ZZ"}]}),
            "HolidayConfig.CountryCode: should be the code of two letters of a country that has a calendar, such as",
        ),
        (request({"HolidayConfig": [{"CountryCode": "UK"}]}), "got 'UK'. "),
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TimeSeriesTransformations.html
        (
            request({"Transformations": {"Aggregation": {"price": "sum"}}}),
            "Transformations.Aggregation: 'price' is not the target, which alone is aggregated: 'sold'.",
        ),
        (
            request(filled("sold", futurefill="zero")),
            "Transformations.Filling: 'sold' is the target, which has no futurefill",
        ),
        (
            request(filled("price", frontfill="none")),
            "Transformations.Filling: 'price' is a related column, which has no frontfill",
        ),
        (request(filled("sold", frontfill="zero")), "'sold' should have frontfill none, got 'zero'."),
        (request(filled("sold", middlefill="last")), "'sold' should have middlefill of zero, value, median, mean, min"),
        (request(filled("sold", backfill="value")), "'sold' has backfill value, so it should have a backfill_value."),
        (request(filled("sold", backfill_value="1")), "'sold' has backfill_value, so its backfill should be value."),
        (
            request(filled("sold", backfill="value", backfill_value="much")),
            "'sold' should have a number as backfill_value, got 'much'.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(given: dict[str, Any], problem: str) -> None:
    found = list(problems(given))
    assert any(problem in each for each in found), found
    assert not any(isinstance(each, NotDone) for each in found)


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        (
            chosen("deepar", "ets"),
            "AutoMLAlgorithms deepar: this emulator has no program for them; choose of arima, ets,",
        ),
        (
            {"HolidayConfig": [{"CountryCode": "UN"}]},
            "HolidayConfig.CountryCode 'UN' is not supported by this emulator",
        ),
    ],
)
def test_what_is_not_done_is_refused_by_name(config: dict[str, Any], problem: str) -> None:
    (found,) = problems(request(config))
    assert isinstance(found, NotDone)
    assert problem in found


def test_all_countries_that_aws_has_a_calendar_of_but_the_united_nations_are_known_here() -> None:
    for country in load("holiday_countries")["countries"]:
        found = list(problems(request({"HolidayConfig": [{"CountryCode": country}]})))
        assert bool(found) == (country == "UN"), found


def test_a_library_that_is_lacking_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagecraft_emulator.automl.forecasting.request.find_spec", lambda _: None)
    (problem,) = problems(request())
    assert isinstance(problem, NotDone)
    assert problem == (
        "TimeSeriesForecastingJobConfig needs the packages holidays and prophet and statsmodels. "
        'Run: pip install "sagecraft[automl]"'
    )
