"""Cost Explorer, from a ledger."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.billing.explorer.service import CostExplorer
from sagecraft_emulator.errors import ApiError

from tests.emulator.metering.books import ACCOUNT, REGION, Books

CALLER = Caller(ACCOUNT, REGION)
MONTH = {"Start": "2026-09-01", "End": "2026-10-01"}
DAY = {"Start": "2026-09-15", "End": "2026-09-16"}
HOURS = {"Start": "2026-09-15T10:00:00Z", "End": "2026-09-15T13:00:00Z"}
COST, USED = "UnblendedCost", "UsageQuantity"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Two hours: a job of 100 s, two instances of an endpoint, and a notebook whose team changes."""
    made = Books(tmp_path_factory.mktemp("books") / "sagemaker.sqlite3")
    made.training("job", 100, 100, team="fraud")
    made.endpoint("endpoint", "ml.m5.xlarge", 2, team="churn")
    made.pass_seconds(7200 - 163)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def explorer(books: Books) -> CostExplorer:
    return CostExplorer(books.meter, books.store)


def ask(explorer: CostExplorer, operation: str = "GetCostAndUsage", **request: Any) -> dict[str, Any]:
    defaults = {"GetCostAndUsage": {"TimePeriod": DAY, "Granularity": "DAILY", "Metrics": [COST]}}
    return explorer.service.call(operation, {**defaults.get(operation, {}), **request}, CALLER)


def groups(answer: dict[str, Any], metric: str = COST) -> dict[tuple[str, ...], str]:
    (result,) = answer["ResultsByTime"]
    return {tuple(each["Keys"]): each["Metrics"][metric]["Amount"] for each in result["Groups"]}


def test_a_day_costs_what_the_meter_says(explorer: CostExplorer, books: Books) -> None:
    (result,) = ask(explorer)["ResultsByTime"]
    told = Decimal(result["Total"][COST]["Amount"])
    assert told == pytest.approx(books.meter.bill(ACCOUNT).usd, abs=Decimal("1e-9"))
    assert (result["TimePeriod"], result["Groups"], result["Total"][COST]["Unit"]) == (DAY, [], "USD")


def test_a_time_without_use_costs_nothing_and_has_no_groups(explorer: CostExplorer) -> None:
    before = {"Start": "2026-08-01", "End": "2026-08-03"}
    assert [each["Total"][COST] for each in ask(explorer, TimePeriod=before)["ResultsByTime"]] == [
        {"Amount": "0", "Unit": "USD"}
    ] * 2
    grouped = ask(explorer, TimePeriod=before, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
    assert [(each["Total"], each["Groups"]) for each in grouped["ResultsByTime"]] == [({}, [])] * 2


def test_hours_share_what_goes_over_their_ends(explorer: CostExplorer) -> None:
    hosted = {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-Host:ml.m5.xlarge"]}}
    answer = ask(explorer, TimePeriod=HOURS, Granularity="HOURLY", Metrics=[USED, COST], Filter=hosted)
    used = [each["Total"][USED]["Amount"] for each in answer["ResultsByTime"]]
    assert [Decimal(each) for each in used] == pytest.approx(
        [Decimal(3600 - 163) * 2 / 3600, Decimal(2), Decimal(0)], abs=Decimal("1e-9")
    )
    assert answer["ResultsByTime"][1]["Total"][COST]["Amount"] == "0.46"
    assert answer["ResultsByTime"][1]["TimePeriod"] == {"Start": "2026-09-15T11:00:00Z", "End": "2026-09-15T12:00:00Z"}


def test_two_groups_by_kind_of_use_and_tag(explorer: CostExplorer) -> None:
    by = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "TAG", "Key": "team"}]
    used = groups(ask(explorer, GroupBy=by, Metrics=[USED]), USED)
    assert set(used) == {
        ("USE1-Host:ml.m5.xlarge", "team$churn"),
        ("USE1-Train:VolumeUsage.gp2", "team$fraud"),
        ("USE1-Train:ml.m5.xlarge", "team$fraud"),
    }
    assert used["USE1-Train:ml.m5.xlarge", "team$fraud"] == "0.0277777778"
    assert groups(ask(explorer, GroupBy=[{"Type": "TAG", "Key": "owner"}])).keys() == {("owner$",)}


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        ("SERVICE", ["Amazon SageMaker"]),
        ("LINKED_ACCOUNT", [ACCOUNT]),
        ("REGION", [REGION]),
        ("INSTANCE_TYPE", ["NoInstanceType", "ml.m5.xlarge"]),
    ],
)
def test_the_values_of_dimensions(explorer: CostExplorer, dimension: str, values: list[str]) -> None:
    answer = ask(explorer, "GetDimensionValues", TimePeriod=DAY, Dimension=dimension)
    assert [each["Value"] for each in answer["DimensionValues"]] == values
    assert (answer["ReturnSize"], answer["TotalSize"]) == (len(values), len(values))
    assert groups(ask(explorer, GroupBy=[{"Type": "DIMENSION", "Key": dimension}])).keys() == {
        (each,) for each in values
    }


TEAM = {"Tags": {"Key": "team", "Values": ["churn"]}}
VOLUMES = {
    "Dimensions": {"Key": "USAGE_TYPE", "Values": ["volumeusage"], "MatchOptions": ["CONTAINS", "CASE_INSENSITIVE"]}
}


@pytest.mark.parametrize(
    ("expression", "left"),
    [
        (TEAM, {"Host:ml.m5.xlarge"}),
        ({"Not": TEAM}, {"Train:ml.m5.xlarge", "Train:VolumeUsage.gp2"}),
        ({"And": [{"Not": TEAM}, VOLUMES]}, {"Train:VolumeUsage.gp2"}),
        ({"Or": [TEAM, VOLUMES]}, {"Host:ml.m5.xlarge", "Train:VolumeUsage.gp2"}),
        (
            {"Tags": {"Key": "owner", "MatchOptions": ["ABSENT"]}},
            {"Host:ml.m5.xlarge", "Train:ml.m5.xlarge", "Train:VolumeUsage.gp2"},
        ),
        ({"Dimensions": {"Key": "SERVICE", "Values": ["Amazon S3"]}}, set()),
    ],
)
def test_a_filter_leaves(explorer: CostExplorer, expression: dict[str, Any], left: set[str]) -> None:
    answer = ask(explorer, Filter=expression, GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}])
    assert {key.removeprefix("USE1-") for (key,) in groups(answer)} == left


def test_tags_and_their_values(explorer: CostExplorer) -> None:
    assert ask(explorer, "GetTags", TimePeriod=DAY)["Tags"] == ["team"]
    first = ask(explorer, "GetTags", TimePeriod=DAY, TagKey="team", MaxResults=1)
    assert (first["Tags"], first["ReturnSize"], first["TotalSize"]) == (["churn"], 1, 2)
    second = ask(explorer, "GetTags", TimePeriod=DAY, TagKey="team", NextPageToken=first["NextPageToken"])
    assert (second["Tags"], second.get("NextPageToken")) == (["fraud"], None)


def test_many_groups_come_in_pages(explorer: CostExplorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagecraft_emulator.billing.explorer.service._GROUPS_A_PAGE", 2)
    request: dict[str, Any] = {
        "TimePeriod": HOURS,
        "Granularity": "HOURLY",
        "GroupBy": [{"Type": "TAG", "Key": "team"}],
    }
    first = ask(explorer, **request)
    second = ask(explorer, **request, NextPageToken=first["NextPageToken"])
    assert [len(each["ResultsByTime"]) for each in (first, second)] == [1, 2]
    assert "NextPageToken" not in second


def test_a_forecast_is_what_is_in_use(explorer: CostExplorer) -> None:
    days = {"Start": "2026-09-16", "End": "2026-09-18"}
    answer = ask(explorer, "GetCostForecast", TimePeriod=days, Granularity="DAILY", Metric="UNBLENDED_COST")
    assert answer["Total"] == {"Amount": "22.08", "Unit": "USD"}  # 2 instances, 48 h, 0.23 an hour
    assert [each["MeanValue"] for each in answer["ForecastResultsByTime"]] == ["11.04", "11.04"]


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        # https://github.com/elC0mpa/aws-doctor/issues/1
        (
            {"TimePeriod": {"Start": "2026-09-15", "End": "2026-09-15"}},
            "ValidationException",
            "Start date \\(and hour\\) should be before end date",
        ),
        # https://github.com/aws/aws-sdk-js/issues/2732
        (
            {"TimePeriod": {"Start": "2026-09-01", "End": "2026-10-02"}},
            "ValidationException",
            "end date past the beginning of next month",
        ),
        (
            {"TimePeriod": {"Start": "2026-02-30", "End": "2026-10-01"}},
            "ValidationException",
            "'2026-02-30' is not a time",
        ),
        ({"Granularity": "HOURLY"}, "ValidationException", "'2026-09-15' is not a time of granularity HOURLY"),
        ({"Granularity": "WEEKLY"}, "ValidationException", "enum value set"),
        ({"Metrics": ["Cost"]}, "ValidationException", "got Cost"),
        ({"Filter": {}}, "ValidationException", "exactly one of Or, And, Not"),
        ({"Filter": {"And": [TEAM]}}, "ValidationException", "at least 2"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "AZ"}]}, "NotImplemented", "'AZ' is not done"),
        ({"GroupBy": [{"Type": "TAG", "Key": name} for name in "abc"]}, "ValidationException", "at most 2"),
        ({"NextPageToken": "x"}, "InvalidNextTokenException", "'x'"),
    ],
)
def test_refused(explorer: CostExplorer, request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ApiError, match=message) as refused:
        ask(explorer, **request_)
    assert refused.value.code == code
