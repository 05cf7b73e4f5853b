"""What the scripts answer: the probabilities of each class, or a number, of the rows of CSV.

Source: `inference.py` of JumpStart's LightGBM, which AWS's training leaves in the model, and the notebooks
`lightgbm_catboost_tabular` of aws/amazon-sagemaker-examples.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

import numpy.typing as npt
import pandas as pd

from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.serving.predictor import Prediction, RequestError

from .table import CSV, feature_names

_JSON: Final = "application/json"


class TableModel(Protocol):
    """A trained model. Several threads may ask it at the same time."""

    @property
    def columns(self) -> int:
        """How many features a row has."""

    @property
    def is_regression(self) -> bool:
        """Whether it answers numbers, and no probabilities."""

    def predict(self, features: pd.DataFrame) -> npt.NDArray[Any]:
        """Numbers of shape (rows,), or probabilities of shape (rows, classes).

        Raises:
            UserError: The rows are nothing that the model can be asked.
        """


@dataclass(frozen=True)
class TablePredictor:
    """A model behind the HTTP interface.

    Attributes:
        model: The model.
    """

    model: TableModel

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers the rows of a body.

        Raises:
            RequestError: The body or one of the media types is wrong.
        """
        verbose = _verbose(accept)
        if split_media_type(content_type or CSV)[0] != CSV:
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type '{content_type}' is not supported; use {CSV}."
            )
        answered = self.model.predict(_read(body, self.model.columns))
        return Prediction(json.dumps(self._answer(answered, verbose=verbose)).encode(), _JSON)

    def _answer(self, answered: npt.NDArray[Any], *, verbose: bool) -> Mapping[str, Any]:
        if self.model.is_regression:
            return {"prediction": answered.tolist()}
        labels = {"predicted_label": answered.argmax(axis=1).tolist()} if verbose else {}
        return {"probabilities-1d": answered[:, 1:].tolist(), "probabilities": answered.tolist(), **labels}


def _verbose(accept: str | None) -> bool:
    """Whether the answer has the likeliest class, too.

    Raises:
        RequestError: 406, the answer is JSON alone.
    """
    media_type, parameters = split_media_type(accept or _JSON)
    if media_type not in {_JSON, "application/*", "*/*"}:
        raise RequestError(HTTPStatus.NOT_ACCEPTABLE, f"Accept '{accept}' is not supported; use {_JSON}.")
    return "verbose" in parameters


def _read(body: bytes, columns: int) -> pd.DataFrame:
    try:
        table = pd.read_csv(io.BytesIO(body), header=None)
    except (ValueError, pd.errors.ParserError) as error:  # of the first kind are no rows, and no UTF-8
        raise RequestError(HTTPStatus.BAD_REQUEST, f"The body cannot be read as CSV: {error}".strip()) from error
    if table.shape[1] != columns:
        raise RequestError(
            HTTPStatus.BAD_REQUEST,
            f"The rows have {table.shape[1]} columns, and the model {columns} features; send the features alone, in "
            "the order of training.",
        )
    return table.set_axis(feature_names(columns), axis=1)
