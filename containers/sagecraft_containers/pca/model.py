"""A trained projection, and what it answers.

Source of the answers: "PCA Response Formats" in the SageMaker developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

_ALGORITHM: Final = "pca"


@dataclass(frozen=True)
class Projection:
    """A trained model, whose arrays have the names of those in AWS's.

    Attributes:
        mean: Shape (features,); zero where it is not subtracted.
        v: Shape (features, components), the component of the smallest singular value first, as AWS has them.
        s: Shape (components,), the singular values.
    """

    mean: FloatArray
    v: FloatArray
    s: FloatArray

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.mean.shape[0])

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row."""
        return {"projection": np.asarray(table.features @ self.v) - self.mean @ self.v}

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        save_arrays(directory, _ALGORITHM, {}, {"mean": self.mean, "v": self.v, "s": self.s})

    @classmethod
    def load(cls, directory: Path) -> "Projection":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        arrays = load_arrays(directory, _ALGORITHM)[1]
        return cls(arrays["mean"], arrays["v"], arrays["s"])
