"""A trained clustering, and what it answers.

Source of the answers: "K-Means Response Formats" in the SageMaker developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import pairwise_distances_argmin_min

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

_ALGORITHM: Final = "kmeans"


@dataclass(frozen=True)
class Centers:
    """A trained model.

    Attributes:
        centers: Shape (clusters, features).
    """

    centers: FloatArray

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.centers.shape[1])

    def closest(self, table: Table) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """The closest center of each row, and the Euclidean distance to it."""
        clusters, distances = pairwise_distances_argmin_min(table.features, self.centers)
        return clusters, np.asarray(distances, np.float32)

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row."""
        clusters, distances = self.closest(table)
        return {"closest_cluster": clusters.astype(np.float32), "distance_to_cluster": distances}

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        save_arrays(directory, _ALGORITHM, {}, {"centers": self.centers})

    @classmethod
    def load(cls, directory: Path) -> "Centers":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        return cls(load_arrays(directory, _ALGORITHM)[1]["centers"])
