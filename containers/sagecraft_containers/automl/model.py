"""What a job makes: a model that takes rows as they are written in the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sagecraft_containers.automl import pickled
from sagecraft_containers.automl.data.columns import Schema
from sagecraft_containers.automl.data.target import Target
from sagecraft_containers.automl.models.candidate import answers_of
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import DataError

FILE: Final = "model.joblib"


@dataclass(frozen=True)
class Model:
    """A fitted candidate, or several of them.

    Attributes:
        schema: What the columns of a row are, all of them, in the order of the files, without the target.
        target: What it predicts.
        estimator: Answers to the used columns.
        of_search: Whether it is a candidate of a search. On AWS the `probability` that one tells of two classes is that
            of the second class, while an ensemble tells that of the predicted one.
    """

    schema: Schema
    target: Target
    estimator: Any
    of_search: bool = False

    def answers(self, rows: Sequence[Sequence[str | None]]) -> Array:
        """Answers to rows of text: probabilities of shape (rows, classes), or values of shape (rows,).

        Raises:
            DataError: A row has another number of columns, or is the header of the files.
        """
        names = [column.name for column in self.schema.columns]
        if rows and [cell and cell.strip() for cell in rows[0]] == names:
            raise DataError("the row is the header of the columns; send rows alone", line=1)
        for number, row in enumerate(rows, start=1):
            if len(row) != len(names):
                raise DataError(
                    f"the row has {len(row)} column(s), but the model takes {len(names)}: "
                    f"{', '.join(names[:10])}{', …' if len(names) > 10 else ''}",
                    line=number,
                )
        cells = {name: pd.Series([row[place] for row in rows], dtype=object) for place, name in enumerate(names)}
        return self.frame_answers(self.schema.frame(cells))

    def frame_answers(self, features: pd.DataFrame) -> Array:
        """Answers to the used columns, each as what it is."""
        return answers_of(self.estimator, self.target.problem, features)

    def save(self, directory: Path) -> None:
        """Writes it into a directory, for `load`."""
        pickled.save(self, directory, FILE)

    @classmethod
    def load(cls, directory: Path) -> "Model":
        """What `save` wrote; it runs what the file says, as every pickle.

        Raises:
            UserError: There is none.
        """
        loaded: Model = pickled.load(directory, FILE)
        return loaded
