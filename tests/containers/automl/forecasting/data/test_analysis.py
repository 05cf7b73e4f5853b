"""The analysis of a channel of time series: what comes of it, and every reason for which it is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.forecasting.data.analysis import Analysis, analyze
from sagecraft_containers.automl.forecasting.data.panel import Panel, Related
from sagecraft_containers.errors import UserError

from tests.containers.automl.forecasting.series import HEADER, analyzed, days, define, shops

PARQUET = "x-application/vnd.amazon+parquet"
FORTY = days(40)


def rows(values: str = "1", shop: str = "a") -> list[str]:
    return [f"{shop},{day},{values}" for day in FORTY]


def parquet(directory: Path, times: pd.DatetimeIndex) -> Analysis:
    """The analysis of 40 values, 0 and on, at some times."""
    channel = directory / "training"
    channel.mkdir()
    pd.DataFrame({"shop": "a", "day": times, "sold": range(40)}).to_parquet(channel / "part.parquet")
    return analyze(define(content_type=PARQUET), channel)


def test_series_are_told_apart_by_item_and_groups_and_saved_as_they_are(tmp_path: Path) -> None:
    lines = [f"a,{day},{number},{town}" for number, day in enumerate(FORTY) for town in ("Oslo", "Bern")]
    panel = analyzed(tmp_path, lines, "shop,day,sold,town", groups=["town"]).panel
    assert panel.keys == (("a", "Bern"), ("a", "Oslo"))
    assert panel.target.shape == (2, 40)
    panel.save(tmp_path / "prepared")
    read = Panel.load(tmp_path / "prepared")
    assert (read.definition, read.first, read.keys, read.columns) == (
        panel.definition, panel.first, panel.keys, panel.columns,
    )  # fmt: skip
    np.testing.assert_array_equal(read.target, panel.target)


def test_a_series_that_begins_later_is_not_filled_before_and_one_that_ends_is_with_zero(tmp_path: Path) -> None:
    lines = [*rows(), *(f"b,{day},5" for day in FORTY[10:20]), f"b,{FORTY[25]},5"]
    target = analyzed(tmp_path, lines).panel.target[1]
    assert np.isnan(target[:10]).all()
    assert target[10:].tolist() == [5.0] * 10 + [0.0] * 5 + [5.0] + [0.0] * 14


@pytest.mark.parametrize(("way", "value"), [(None, 9.0), ("avg", 4.5), ("first", 6.0), ("min", 3.0), ("max", 6.0)])
def test_values_within_a_step_become_one(tmp_path: Path, way: str | None, value: float) -> None:
    lines = [f"a,{day} {hour}:00:00,{sold}" for day in FORTY for hour, sold in (("18", "3"), ("09", "6"))]
    analysis = analyzed(tmp_path, lines, aggregation={} if way is None else {"sold": way})
    assert set(analysis.panel.target[0]) == {value}
    assert any("80 rows became 40 values" in note for note in analysis.notes)


def test_two_values_of_one_time_are_refused_with_their_rows_unless_aggregation_is_said(tmp_path: Path) -> None:
    lines = [*rows(), f"a,{FORTY[2]},7"]
    with pytest.raises(UserError, match=r"training: rows 3 and 41 are of one time, 2024-01-03 .*: shop 'a'; leave one"):
        analyzed(tmp_path, lines)
    assert analyzed(tmp_path, lines, aggregation={"sold": "max"}).panel.target[0, 2] == 7


def test_a_frequency_that_the_data_has_not_is_told(tmp_path: Path) -> None:
    notes = analyzed(tmp_path, rows(), frequency="6H").notes
    assert any("Of 157 steps of 6H there is no row for 117; they are filled." in note for note in notes)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_times_of_parquet_are_read_as_the_clock_shows_them(tmp_path: Path, zone: str | None) -> None:
    times = pd.to_datetime(FORTY).tz_localize(zone)
    assert parquet(tmp_path, times).panel.target[0].tolist() == list(range(40))


def test_times_of_another_zone_are_refused_and_never_moved_to_another_day(tmp_path: Path) -> None:
    """Z alone is among the forms that https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-time-series.html lists."""
    with pytest.raises(UserError, match=r"row 1 has '2024-01-01 00:00:00\+01:00' as 'day', a time that is told by its"):
        parquet(tmp_path, pd.to_datetime(FORTY).tz_localize("Europe/Berlin"))
    plain = analyzed(tmp_path / "plain", rows()).panel
    zulu = analyzed(tmp_path / "zulu", [f"a,{day}T00:00:00Z,1" for day in FORTY]).panel
    assert zulu.first == plain.first


def test_related_columns_are_those_that_are_known_of_the_time_to_come(tmp_path: Path) -> None:
    header = "shop,day,sold,price,promotion,weather,kind,empty"
    lines = [f"a,{day},1,{number},{number % 2},5{number},food," for number, day in enumerate(days(47))]
    lines[40:] = [f"a,{day},,9,,,food," for day in days(47)[40:]]
    analysis = analyzed(tmp_path, lines, header, filling={"promotion": {"futurefill": "zero"}})
    panel = analysis.panel
    assert panel.columns == (Related("price"), Related("promotion"), Related("kind", ("food",)))
    assert panel.related[0, 0, 38:].tolist() == [38, 39, *[9] * 7]
    assert panel.related[1, 0, 38:].tolist() == [0, 1, *[0] * 7]
    told = " ".join(analysis.notes)
    assert "The column 'empty' is empty and is left out." in told
    assert "The column 'weather' is left out: the data has no value of it for the time that is forecast." in told


def test_features_may_be_chosen_with_what_they_are(tmp_path: Path) -> None:
    lines = [f"a,{day},1,{number % 3},4" for number, day in enumerate(FORTY)]
    header = "shop,day,sold,grade,other"
    panel = analyzed(tmp_path, lines, header, features=["grade"], types={"grade": "categorical"}, filling={}).panel
    assert panel.columns == ()  # not known of the time to come
    filling = {"grade": {"futurefill": "mean"}}
    panel = analyzed(tmp_path, lines, header, features=["grade"], types={"grade": "categorical"}, filling=filling).panel
    assert panel.columns == (Related("grade", ("0", "1", "2")),)


@pytest.mark.parametrize(
    ("lines", "members", "message"),
    [
        (rows(), {"target": "sales"}, "The target column 'sales' is not in the data; the columns are shop, day, sold."),
        (rows(), {"groups": ["town"]}, "The grouping attribute column 'town' is not in the data"),
        (
            [*rows(), f"a,{FORTY[0]},many"],
            {},
            "training: row 41 has 'many' as 'sold', but what is forecast has to be a",
        ),
        (
            [*rows(), f"a,{FORTY[0]},1e300"],
            {},
            "row 41 has '1e300' as 'sold', but what is forecast may be no greater than",
        ),
        ([*rows(), f"a,{FORTY[0]},-inf"], {}, "row 41 has '-inf' as 'sold', but what is forecast has to be a number"),
        (
            [*rows(), "a,2024-03-17T00:00:00+02:00,1"],
            {},
            "row 41 has '2024-03-17T00:00:00+02:00' as 'day', a time that is told by its distance from UTC",
        ),
        ([*rows(), "a,2024-03-17 10:00-0530,1"], {}, "row 41 has '2024-03-17 10:00-0530' as 'day', a time that is"),
        ([*rows(), "a,17.03.2024,1"], {}, "training: row 41 has '17.03.2024' as 'day', which is no time that can be"),
        ([*rows(), f",{FORTY[0]},1"], {}, "training: row 41 has no 'shop', which tells the series apart"),
        ([*rows(), "a,,1"], {}, "training: row 41 has no 'day'"),
        (
            [*rows(), "a,1970-01-01,1"],
            {"frequency": "1min"},
            "row 41 is of 1970-01-01T00:00:00 and row 40 of 2024-02-09T00:00:00: 28,457,281 steps of 1min for 41 rows.",
        ),
        ([*rows(), f"b,{FORTY[0]},"], {}, "training: shop 'b' has no value of the target"),
        (rows(""), {}, "training: no row has a value of 'sold'"),
        (rows(), {"horizon": 11}, "there are 40 of 1D, from 2024-01-01 to 2024-02-09, so at most 10."),
        (rows(), {"frequency": "1M", "horizon": 1}, "there are 2 of 1M, from 2024-01-01 to 2024-02-01, so at most 0."),
    ],
)
def test_what_cannot_be_forecast_is_refused_with_its_reason(
    tmp_path: Path, lines: list[str], members: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError) as raised:
        analyzed(tmp_path, lines, **members)
    assert message in str(raised.value)


def test_numbers_of_a_related_column_that_are_too_great_are_refused_with_their_row(tmp_path: Path) -> None:
    lines = [f"a,{day},1,{'4e38' if day == FORTY[5] else 2}" for day in FORTY]
    with pytest.raises(
        UserError, match=r"training: row 6 has '4e38' as 'price', but the column may be no greater than"
    ):
        analyzed(tmp_path, lines, f"{HEADER},price")


def test_more_columns_than_sagemaker_takes_are_refused(tmp_path: Path) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/timeseries-forecasting-limits.html"""
    names = [f"c{number}" for number in range(14)]
    lines = [f"{row},{','.join('1' for _ in names)}" for row in rows()]
    with pytest.raises(UserError, match="There are 14 numerical features, but SageMaker takes 13"):
        analyzed(tmp_path, lines, f"{HEADER},{','.join(names)}")


def test_a_request_keeps_the_steps_of_the_model(tmp_path: Path) -> None:
    """Steps of two weeks go on from those of the training data, whatever a request begins with."""
    panel = shops(tmp_path, frequency="2W", horizon=1)
    assert panel.frequency.text(panel.times(0, 2)) == ["2024-01-01", "2024-01-15"]
    assert panel.steps == 6
