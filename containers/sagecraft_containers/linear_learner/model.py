"""A trained linear model, and what it answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

PredictorType = Literal["binary_classifier", "multiclass_classifier", "regressor"]

_ALGORITHM: Final = "linear-learner"


@dataclass(frozen=True)
class Decision:
    """What is made of a model's output.

    Attributes:
        predictor_type: What the model predicts.
        is_probability: Whether the score of a binary classifier is a probability, or the output itself.
        threshold: The score from which on a binary classifier says 1.
    """

    predictor_type: PredictorType
    is_probability: bool = True
    threshold: float = 0.5

    def scores(self, outputs: npt.NDArray[Any]) -> FloatArray:
        """The scores of outputs of shape (rows, outputs)."""
        if self.predictor_type == "multiclass_classifier":
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
        column = outputs[:, 0]
        if self.predictor_type == "binary_classifier" and self.is_probability:
            return np.asarray(np.exp(-np.logaddexp(0, -column)), np.float32)
        return np.asarray(column, np.float32)

    def labels(self, scores: FloatArray) -> npt.NDArray[np.int64] | None:
        """The classes that scores stand for; None for a regressor."""
        match self.predictor_type:
            case "binary_classifier":
                return np.asarray(scores >= np.float32(self.threshold), np.int64)
            case "multiclass_classifier":
                return np.asarray(scores.argmax(axis=1), np.int64)
            case "regressor":
                return None


@dataclass(frozen=True)
class LinearModel:
    """A trained model.

    Attributes:
        weights: Shape (features, outputs).
        bias: Shape (outputs,).
        center: What is taken from each feature first; shape (features,).
        decision: What is made of its outputs.
    """

    weights: FloatArray
    bias: FloatArray
    center: FloatArray
    decision: Decision

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.weights.shape[0])

    def scores(self, table: Table) -> FloatArray:
        """The scores of rows."""
        if isinstance(table.features, np.ndarray):
            return self.decision.scores((table.features - self.center) @ self.weights + self.bias)
        return self.decision.scores(np.asarray(table.features @ self.weights) + self.bias - self.center @ self.weights)

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row."""
        scores = self.scores(table)
        labels = self.decision.labels(scores)
        return {"score": scores} if labels is None else {"score": scores, "predicted_label": labels}

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        arrays = {"weights": self.weights, "bias": self.bias, "center": self.center}
        save_arrays(directory, _ALGORITHM, asdict(self.decision), arrays)

    @classmethod
    def load(cls, directory: Path) -> "LinearModel":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        about, arrays = load_arrays(directory, _ALGORITHM)
        return cls(decision=Decision(**about), **arrays)
