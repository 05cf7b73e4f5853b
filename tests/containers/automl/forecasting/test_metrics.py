"""Metrics, by the numbers of Amazon Forecast's definitions: https://docs.aws.amazon.com/forecast/latest/dg/metrics.html"""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.automl.forecasting.metrics import measure

from .series import analyzed, days


def test_metrics_are_those_of_amazon_forecast(tmp_path: Path) -> None:
    values = [10, 20, 10, 20, 10, 20, 8, 10, 20]
    lines = [f"a,{day},{value}" for day, value in zip(days(9), values, strict=True)]
    panel = analyzed(tmp_path, lines, horizon=2, quantiles=["p10", "p50"]).panel
    forecast = np.array([[[[9.0, 12.0, 13.0], [16.0, 22.0, 18.0]]]])
    measured = measure(panel, (7,), forecast)
    # Of 10 and 20: the mean forecast errs by 3 and 2; the series is too short for a season of 7, so that a naive
    # forecast repeats the last value, and errs by 10, 10, 10, 10, 10 and 12.
    assert measured["RMSE"] == pytest.approx(np.sqrt((9 + 4) / 2))
    assert measured["WAPE"] == pytest.approx(5 / 30)
    assert measured["MAPE"] == pytest.approx((3 / 10 + 2 / 20) / 2)
    assert measured["MASE"] == pytest.approx(2.5 / (62 / 6))
    assert measured["wQL[0.1]"] == pytest.approx(2 * (0.1 * 1 + 0.1 * 4) / 30)
    assert measured["wQL[0.5]"] == pytest.approx(2 * (0.5 * 2 + 0.5 * 2) / 30)
    assert measured["AverageWeightedQuantileLoss"] == pytest.approx((2 * 0.5 / 30 + 2 * 2 / 30) / 2)


def test_losses_of_values_that_are_all_zero_are_not_weighted(tmp_path: Path) -> None:
    lines = [f"a,{day},{value}" for day, value in zip(days(9), [1, 2, 1, 2, 1, 2, 1, 0, 0], strict=True)]
    panel = analyzed(tmp_path, lines, horizon=2, quantiles=["p50"]).panel
    measured = measure(panel, (7,), np.ones((1, 1, 2, 2)))
    assert (measured["wQL[0.5]"], measured["WAPE"]) == (2.0, 2.0)
    assert np.isnan(measured["MAPE"])
