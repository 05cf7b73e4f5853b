"""What a forecaster answers to requests, and what it says of wrong ones."""

import pytest
from sagecraft_containers.automl.forecasting.model import Forecaster
from sagecraft_containers.automl.forecasting.models.npts import NPTS
from sagecraft_containers.automl.forecasting.serving import ForecastPredictor
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.predictor import RequestError

from .series import HEADER, analyzed, days, sales

BODY = "\n".join([HEADER, *sales("east", 30)]) + "\n"


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> ForecastPredictor:
    directory = tmp_path_factory.mktemp("model")
    lines = [f"{line},{number % 2}" for number, line in enumerate(sales("east"))]
    lines += [f"east,{day},,1" for day in days(91)[84:]]
    panel = analyzed(directory, lines, f"{HEADER},promotion", quantiles=["p90", "p20"]).panel
    made = Forecaster(panel.definition, panel.first, panel.columns, ("npts",), (NPTS().fit(panel, panel.steps),), (1,))
    made.save(directory / "model")
    return ForecastPredictor(Forecaster.load(directory / "model"))


def promoted(body: str) -> str:
    header, *lines = body.strip().split("\n")
    return "\n".join([f"{header},promotion", *(f"{line},0" for line in lines)])


def test_a_forecast_has_a_row_for_each_series_and_step(predictor: ForecastPredictor) -> None:
    answer = predictor.predict(promoted(BODY).encode(), "text/csv", None)
    assert answer.content_type == "text/csv; charset=utf-8"
    lines = answer.body.decode().splitlines()
    assert lines[0] == "shop,day,p90,p20,mean"
    assert [line.split(",")[:2] for line in lines[1:]] == [["east", day] for day in days(37)[30:]]


def test_rows_of_the_time_to_come_move_nothing_but_what_is_known_of_it(predictor: ForecastPredictor) -> None:
    body = promoted(BODY)
    ahead = "".join(f"\neast,{day},,1" for day in days(37)[30:])
    assert predictor.predict((body + ahead).encode(), "text/csv", "*/*") == predictor.predict(
        body.encode(), "text/csv;header=present", "text/csv"
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "the request has no rows below the header of the columns"),
        (HEADER, "the request has no rows below the header of the columns"),
        (BODY, "the rows have no column 'promotion', which the training data had"),
        (
            promoted(BODY).split("\n", 1)[1],
            "The target column 'sold' is not in the data; the columns are east, 2024-01",
        ),
        (f"{promoted(BODY)}\neast,1", "line 32: the row has 2 column(s), but the header has 4"),
        (f"{promoted(BODY)}\nnew,2024-01-02,,1", "request: shop 'new' has no value of the target"),
        (
            f"{promoted(BODY)}\neast,2024-03-01,1e300,1",
            "request: row 31 has '1e300' as 'sold', but what is forecast may",
        ),
        (f"{promoted(BODY)}\neast,2024-03-01,1,4e38", "row 31 has '4e38' as 'promotion', but the column may be no gre"),
        (f"{promoted(BODY)}\neast,2024-03-01,1,big", "row 31 has 'big' as 'promotion', but the column has to be a nu"),
        (
            f"{promoted(BODY)}\neast,2024-03-01T00:00+02:00,1,1",
            "row 31 has '2024-03-01T00:00+02:00' as 'day', a time t",
        ),
        (f"{promoted(BODY)}\neast,soon,1,1", "request: row 31 has 'soon' as 'day', which is no time that can be read"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(predictor: ForecastPredictor, body: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        predictor.predict(body.encode(), "text/csv", None)
    assert message in str(raised.value)


def test_a_series_of_a_request_needs_four_values(predictor: ForecastPredictor) -> None:
    """Source: autopilot/autopilot_time_series.ipynb of https://github.com/aws/amazon-sagemaker-examples"""
    four = promoted("\n".join([HEADER, *sales("new", 4)]))
    assert predictor.predict(four.encode(), "text/csv", None).body.count(b"new") == 7
    three = f"{promoted(BODY)}\n" + "\n".join(promoted("\n".join([HEADER, *sales("new", 3)])).split("\n")[1:])
    for body in (three, f"{three}\nnew,2024-01-04,,1"):
        with pytest.raises(UserError, match="shop 'new' has 3 of the 4 values of the target that each series needs"):
            predictor.predict(body.encode(), "text/csv", None)


@pytest.mark.parametrize(("content_type", "accept", "status"), [("image/png", None, 415), (None, "image/png", 406)])
def test_other_types_are_refused(
    predictor: ForecastPredictor, content_type: str | None, accept: str | None, status: int
) -> None:
    with pytest.raises(RequestError) as raised:
        predictor.predict(promoted(BODY).encode(), content_type, accept)
    assert raised.value.status == status
