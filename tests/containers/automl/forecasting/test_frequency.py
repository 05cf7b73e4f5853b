"""Steps of time: where they begin, and when things repeat.

Source of the beginnings: https://docs.aws.amazon.com/forecast/latest/dg/howitworks-datasets-groups.html
"""

import numpy as np
import pytest
from sagecraft_containers.automl.forecasting.frequency import Frequency


@pytest.mark.parametrize(
    ("frequency", "time", "begin", "following", "season"),
    [
        ("Y", "2024-05-17T13:14:15", "2024-01-01", "2025-01-01", 1),
        ("M", "2024-05-17T13:14:15", "2024-05-01", "2024-06-01", 12),
        ("3M", "2024-05-17T13:14:15", "2024-05-01", "2024-08-01", 4),
        ("1W", "2024-05-17T13:14:15", "2024-05-13", "2024-05-20", 52),
        ("1D", "2024-05-17T13:14:15", "2024-05-17", "2024-05-18", 7),
        ("6H", "2024-05-17T13:14:15", "2024-05-17 13:00:00", "2024-05-17 19:00:00", 4),
        ("15min", "2024-05-17T13:14:15", "2024-05-17 13:14:00", "2024-05-17 13:29:00", 96),
        ("1W", "1965-03-04T00:00:00", "1965-03-01", "1965-03-08", 52),
    ],
)
def test_a_step_begins_where_amazon_forecast_has_it(
    frequency: str, time: str, begin: str, following: str, season: int
) -> None:
    step = Frequency.parse(frequency)
    first = int(step.units(np.array([time], "datetime64[s]"))[0])
    assert step.text(step.times([0, 1], first)) == [begin, following]
    assert step.season == season
