"""`serve`: forecasts that follow on the rows of a request.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/timeseries-forecasting-deploy-models.html: the rows have the
header and the columns of the training data, and the forecast begins where their target ends.
"""

from http import HTTPStatus
from typing import Final

import pandas as pd

from sagecraft_containers.automl.data.files import read_rows
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.errors import DataError
from sagecraft_containers.serving.answer import CSV, written
from sagecraft_containers.serving.application import Application
from sagecraft_containers.serving.predictor import Prediction, RequestError
from sagecraft_containers.serving.server import application, serve

from .model import Forecaster

_DIGITS: Final = "%.10g"


class ForecastPredictor:
    """Answers by a forecaster.

    Args:
        model: Which.
    """

    def __init__(self, model: Forecaster) -> None:
        self._model = model

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers rows of CSV with a header.

        Raises:
            RequestError: The content type, or what is accepted, is another.
            UserError: The rows are not such as the model was made of.
        """
        media_type = split_media_type(content_type or CSV)[0]
        if media_type != CSV:
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type '{content_type}' is not supported; use {CSV}."
            )
        if split_media_type(accept or "*/*")[0] not in {CSV, "*/*"}:
            raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"Accept '{accept}' is not supported; use {CSV}.")
        answered = self._model.answer(_table(body))
        return written(answered.to_csv(index=False, float_format=_DIGITS).encode(), CSV)


def _table(body: bytes) -> pd.DataFrame:
    header, *rows = read_rows(body) or [[]]
    if not rows:
        raise DataError("the request has no rows below the header of the columns")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DataError(f"the row has {len(row)} column(s), but the header has {len(header)}", line=number)
    return pd.DataFrame(rows, columns=[(name or "").strip() for name in header], dtype=object)


def load() -> ForecastPredictor:
    """Loads the model of the container."""
    return ForecastPredictor(Forecaster.load(ContainerPaths.from_environment().model_directory))


def make_application() -> Application:
    """The application of one worker."""
    return application(load, inline=False)


def main() -> int:
    """Serves the model; returns the exit code of the process."""
    return serve("sagecraft_containers.automl.forecasting.serving:make_application", load)
