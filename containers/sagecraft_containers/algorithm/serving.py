"""`serve` of an algorithm of AWS's own: a model that answers the rows of requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sagecraft_containers.data.table import Table
from sagecraft_containers.serving.predictor import Prediction

from .answer import Columns, accepted, write_answer
from .request import read_rows


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
        """


@dataclass(frozen=True)
class ModelPredictor:
    """A model behind the HTTP interface.

    Attributes:
        model: The model.
        key: What JSON calls the list of rows.
        csv: Whether it writes CSV.
    """

    model: Model
    key: str = "predictions"
    csv: bool = False

    def predict(self, body: bytes, content_type: str | None, accept: str | None) -> Prediction:
        """Answers the rows of a body.

        Raises:
            RequestError: The body or one of the media types is wrong.
        """
        wanted = accepted(accept, csv=self.csv)
        table = read_rows(body, content_type, self.model.columns)
        return write_answer(self.model.answer(table, wanted.parameters), self.key, wanted.media_type)
