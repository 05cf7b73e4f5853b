"""A trained forest, and what it answers.

Source of the answers: "RCF Response Formats" in the SageMaker developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from krcf import RandomCutForest

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

_ALGORITHM: Final = "randomcutforest"


@dataclass(frozen=True)
class Forest:
    """A trained model.

    Attributes:
        forest: Of AWS's library.
    """

    forest: RandomCutForest

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return self.forest.dimensions()

    def scores(self, table: Table) -> FloatArray:
        """The anomaly score of each row: more is more unusual."""
        return np.array([self.forest.score(row) for row in rows_of(table)], np.float32)

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row."""
        return {"score": self.scores(table)}

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        save_arrays(directory, _ALGORITHM, {}, {"forest": np.frombuffer(self.forest.to_msgpack(), np.uint8)})

    @classmethod
    def load(cls, directory: Path) -> "Forest":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        return cls(RandomCutForest.from_msgpack(load_arrays(directory, _ALGORITHM)[1]["forest"].tobytes()))


def rows_of(table: Table) -> list[list[float]]:
    """Rows as the library takes them."""
    features: Any = table.features
    listed: list[list[float]] = (features if table.is_dense else features.toarray()).tolist()
    return listed
