"""Each algorithm: what it forecasts of series that it knows, of new ones, and of those without anything to learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.forecasting.models.algorithms import ALGORITHMS, check_algorithms, find_algorithm
from sagecraft_containers.automl.forecasting.models.naive import seasonal_naive
from sagecraft_containers.errors import UserError

from tests.containers.automl.forecasting.series import analyzed, days, sales

pytest.importorskip("statsmodels")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    """A shop, one that sells the same each day, and one that has just begun."""
    young = [f"young,{day},{5 + number}" for number, day in enumerate(days(56)[54:])]
    same = [f"same,{day},4" for day in days(56)]
    return analyzed(tmp_path_factory.mktemp("panel"), [*sales("known", 56), *young, *same]).panel


@pytest.mark.parametrize("name", ALGORITHMS)
def test_it_forecasts_quantiles_of_every_series_from_any_step(panel: Panel, name: str) -> None:
    origin = panel.steps - panel.horizon
    fitted = find_algorithm(name).fit(panel, origin)
    forecast = fitted.forecast(panel, origin)
    assert forecast.shape == (3, 7, 4)
    assert np.isnan(forecast[2]).all()  # which has not begun then
    assert (np.diff(forecast[:2, :, :3], axis=2) >= -1e-9).all()
    assert forecast[1, :, 3] == pytest.approx(np.full(7, 4.0), abs=1.5)
    young = panel.take([2])
    assert np.isfinite(fitted.forecast(young, panel.steps)).all()
    assert fitted.forecast(young, panel.steps) == pytest.approx(fitted.forecast(young, panel.steps))
    if name != "npts":
        known = panel.take([0])
        naive = measure(known, (origin,), seasonal_naive(known, origin)[None])
        measured = measure(known, (origin,), forecast[None, [0]])
        assert all(measured[metric] < naive[metric] for metric in ("AverageWeightedQuantileLoss", "MASE"))


def test_a_fit_of_statsmodels_keeps_to_one_thread(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    from threadpoolctl import threadpool_info, threadpool_limits

    fit = ETSModel.fit
    threads: list[int] = []

    def seen(*arguments: Any, **options: Any) -> Any:
        threads.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        return fit(*arguments, **options)

    monkeypatch.setattr(ETSModel, "fit", seen)
    with threadpool_limits(2, user_api="blas"):
        fitted = find_algorithm("ets").fit(panel.take([0]), panel.steps)
        learnt = len(threads)
        fitted.forecast(panel.take([0]), panel.steps)
    assert 0 < learnt < len(threads)
    assert set(threads) == {1}


@pytest.mark.parametrize("name", ["prophet", "trees"])
def test_related_columns_and_holidays_are_learnt_from(tmp_path: Path, name: str) -> None:
    lines = [
        f"a,{day},{100 + 50 * (number % 5 == 0) + number % 3},{int(number % 5 == 0)}"
        for number, day in enumerate(days(100))
    ]
    header = "shop,day,sold,promotion"
    lines += [f"a,{day},,{int(number % 5 == 0)}" for number, day in enumerate(days(107)) if number >= 100]
    panel = analyzed(tmp_path, lines, header, holidays="DE").panel
    (mean,) = find_algorithm(name).fit(panel, panel.steps).forecast(panel, panel.steps)[:, :, 3]
    assert mean == pytest.approx([150, 100, 100, 100, 100, 150, 100], abs=12)


def test_those_of_aws_that_there_are_none_of_are_refused_by_name() -> None:
    check_algorithms(("ets", "prophet"))
    with pytest.raises(
        UserError, match="'deepar', which there is no program for here; choose of arima, ets, npts, pro"
    ):
        check_algorithms(("ets", "deepar"))


def test_npts_takes_values_of_the_same_weekday_of_which_none_is_all_that_counts(tmp_path: Path) -> None:
    """By its defaults: seasonal, with weights that fall by 0.01 a step.

    Source: https://docs.aws.amazon.com/forecast/latest/dg/aws-forecast-recipe-npts.html
    """
    lines = [f"a,{day},{100 * (number % 7) + number // 7}" for number, day in enumerate(days(70))]
    panel = analyzed(tmp_path, lines).panel
    (forecast,) = find_algorithm("npts").fit(panel, panel.steps).forecast(panel, panel.steps)
    assert (forecast // 100).astype(int).tolist() == [[weekday] * 4 for weekday in range(7)]
    weights = np.exp(-0.07 * np.arange(10))  # of 9 and on
    assert forecast[0].tolist() == [1.0, 5.0, 9.0, pytest.approx(np.average(np.arange(9, -1, -1), weights=weights))]


def test_values_of_very_unlike_sizes_are_forecast(tmp_path: Path) -> None:
    """What is great beside the latest values would be infinite in 32 bits, which XGBoost refuses."""
    sold = [1e38 if number == 42 else 1e-30 for number in range(56)]
    panel = analyzed(tmp_path, [f"a,{day},{value}" for day, value in zip(days(56), sold, strict=True)]).panel
    fitted = find_algorithm("trees").fit(panel, 35)
    assert np.isfinite(fitted.forecast(panel, panel.steps)).all()
