"""A trained factorization machine, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

THRESHOLD: Final = 0.5
"""The score from which on a binary classifier says 1."""

_ALGORITHM: Final = "factorization-machines"


@dataclass(frozen=True)
class FactorizationMachine:
    """A trained model: a bias, a weight of each feature, and of each pair the product of their factors.

    Attributes:
        bias: Shape (1,).
        linear: Shape (features, 1).
        factors: Shape (features, factors).
        classifies: Whether it tells two classes apart; else it is a regressor.
    """

    bias: FloatArray
    linear: FloatArray
    factors: FloatArray
    classifies: bool

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.linear.shape[0])

    def scores(self, table: Table) -> FloatArray:
        """The scores of rows: probabilities of a classifier."""
        features: Any = table.features
        squares = features**2 if table.is_dense else features.power(2)
        pairs = ((features @ self.factors) ** 2 - squares @ self.factors**2).sum(axis=1) / 2
        return scores(np.asarray(features @ self.linear)[:, 0] + self.bias + pairs, classifies=self.classifies)

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row."""
        found = self.scores(table)
        if not self.classifies:
            return {"score": found}
        return {"score": found, "predicted_label": np.asarray(found >= THRESHOLD, np.int64)}

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        arrays = {"bias": self.bias, "linear": self.linear, "factors": self.factors}
        save_arrays(directory, _ALGORITHM, {"classifies": self.classifies}, arrays)

    @classmethod
    def load(cls, directory: Path) -> "FactorizationMachine":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        about, arrays = load_arrays(directory, _ALGORITHM)
        return cls(arrays["bias"], arrays["linear"], arrays["factors"], bool(about["classifies"]))


def scores(outputs: Any, *, classifies: bool) -> FloatArray:
    """The scores that outputs stand for."""
    return np.asarray(np.exp(-np.logaddexp(0, -outputs)) if classifies else outputs, np.float32)
