"""Times in the forms that SageMaker reads.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-time-series.html
"""

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sagecraft_containers.automl.forecasting.data.rows import rows_of
from sagecraft_containers.automl.forecasting.data.times import is_ambiguous, time_form, times_of
from sagecraft_containers.errors import DataError

from tests.containers.automl.forecasting.series import HEADER, analyzed

DAYS = [datetime(2024, 1, 1) + timedelta(number) for number in range(40)]
FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d",
    "%m/%d/%y",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d-%m-%y",
    "%d-%m-%Y",
]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_aws_s_is_read(form: str) -> None:
    written = pd.Series([day.strftime(form) for day in DAYS])
    found = time_form(written)
    assert times_of(written, "day", "training", found).tolist() == DAYS
    assert not is_ambiguous(written, found)


def lines(form: str, days: list[datetime]) -> list[str]:
    return [f"a,{day.strftime(form)},{number % 7}" for number, day in enumerate(days)]


def test_a_request_is_read_as_the_training_data_was(tmp_path: Path) -> None:
    """The first days of a month alone do not tell that the day comes first."""
    analysis = analyzed(tmp_path, lines("%d/%m/%Y", DAYS))
    cells = [line.split(",") for line in lines("%d/%m/%Y", DAYS[:4])]
    rows = rows_of(pd.DataFrame(cells, columns=HEADER.split(",")), analysis.panel.definition, "request")
    assert rows.times.tolist() == DAYS[:4]
    with pytest.raises(DataError, match=r"row 1 has '2024-01-01' as 'day', .* write it as 31/01/2024"):
        rows_of(
            pd.DataFrame([["a", "2024-01-01", "1"]], columns=HEADER.split(",")), analysis.panel.definition, "request"
        )


def test_where_no_time_tells_the_month_comes_first_and_it_is_told(tmp_path: Path) -> None:
    firsts = [datetime(2021 + number // 12, number % 12 + 1, 1) for number in range(40)]
    analysis = analyzed(tmp_path, lines("%m/%d/%Y", firsts), frequency="1M")
    assert analysis.panel.steps == 40
    assert analysis.notes[0] == (
        "No 'day' tells whether its day or its month comes first; they are read as 01/31/2024, the month first."
    )
