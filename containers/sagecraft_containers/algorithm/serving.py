"""`serve` of an algorithm of AWS's own: a model that answers the rows of requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import DataError
from sagecraft_containers.serving.predictor import Prediction

from .answer import Columns, accepted, write_answer
from .request import read_rows, unusable


class Model(Protocol):
    """A trained model. Several threads may ask it at the same time."""

    @property
    def columns(self) -> int:
        """How many features a row has."""

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:
        """What is answered of each row.

        Args:
            table: The rows, with as many columns as the model has.
            parameters: Those of the request's `Accept`.

        Raises:
            DataError: The rows are nothing that the model can be asked.
        """


@dataclass(frozen=True)
class ModelPredictor:
    """A model behind the HTTP interface.

    Attributes:
        model: The model.
        key: What JSON calls the list of rows.
        csv: Whether it writes CSV.
        reads_csv: Whether it reads CSV.
    """

    model: Model
    key: str = "predictions"
    csv: bool = False
    reads_csv: bool = True

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers the rows of a body.

        Raises:
            RequestError: The body or one of the media types is wrong.
        """
        wanted = accepted(accept, csv=self.csv)
        table = read_rows(body, content_type, self.model.columns, csv=self.reads_csv)
        try:
            answered = self.model.answer(table, wanted.parameters)
        except DataError as error:
            raise unusable(error) from error
        if not all(np.isfinite(column).all() for column in answered.values()):
            raise unusable("the numbers of a row are too large for the model")
        return write_answer(answered, self.key, wanted.media_type)
