"""How gaps are filled.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TimeSeriesTransformations.html
"""

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.forecasting.data.filling import fill, fill_static

NAN = np.nan
GAPS = [NAN, 2.0, NAN, 6.0, 4.0, NAN, NAN]
"""Five steps of the past, and one of it without a value at their end; then one of the future."""


@pytest.mark.parametrize(
    ("ways", "filled"),
    [
        ({}, GAPS),
        ({"middlefill": "zero"}, [NAN, 2, 0, 6, 4, NAN, NAN]),
        ({"backfill": "mean"}, [NAN, 2, NAN, 6, 4, 4, NAN]),
        ({"middlefill": "max", "backfill": "median"}, [NAN, 2, 2, 6, 4, 3, NAN]),
        ({"backfill": "min", "futurefill": "value", "futurefill_value": "-3"}, [NAN, 2, NAN, 6, 4, 2, -3]),
    ],
)
def test_each_gap_is_filled_as_its_place_says(ways: dict[str, str], filled: list[float]) -> None:
    found = fill(pd.DataFrame({0: GAPS}), ways, steps=6)[0]
    np.testing.assert_array_equal(found, filled)


def test_a_statistic_is_one_of_the_latest_64_steps() -> None:
    values = pd.DataFrame({0: [1000.0] + [1.0] * 64 + [NAN]})
    assert fill(values, {"backfill": "max"}, steps=66)[0].iloc[-1] == 1


def test_what_is_the_same_at_all_steps_goes_on() -> None:
    values = pd.DataFrame({0: [NAN, 2.0, NAN], 1: [1.0, 2.0, NAN]})
    np.testing.assert_array_equal(fill_static(values).to_numpy(), [[2, 1], [2, 2], [2, NAN]])
