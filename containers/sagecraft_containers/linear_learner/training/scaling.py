"""What is learnt from the first rows before training: how to scale features and labels, and the weights of classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sagecraft_containers.data.table import FloatArray, Table
from sagecraft_containers.linear_learner.model import Decision, LinearModel

from .settings import Settings


@dataclass(frozen=True)
class Scaling:
    """How rows are scaled for training.

    Attributes:
        mean: By which each feature is shifted; 0 where it is not.
        deviation: By which each feature is divided; 1 where it is not.
        label_mean: By which the label is shifted.
        label_deviation: By which the label is divided.
    """

    mean: FloatArray
    deviation: FloatArray
    label_mean: float = 0.0
    label_deviation: float = 1.0

    @classmethod
    def of(cls, table: Table, settings: Settings) -> "Scaling":
        """What some rows tell.

        Features are scaled where `normalize_data` says so, and shifted, too, where they are dense.
        """
        mean, deviation = np.zeros(table.columns, np.float32), np.ones(table.columns, np.float32)
        if settings.values["normalize_data"]:
            means, deviations = _moments(table)
            deviation = np.where(deviations > 0, deviations, 1).astype(np.float32)
            if settings.values["unbias_data"] and table.is_dense:
                mean = means.astype(np.float32)
        label_mean, label_deviation = 0.0, 1.0
        if settings.normalizes_label and table.labels is not None:
            label_deviation = float(table.labels.std()) or 1.0
            label_mean = float(table.labels.mean()) if settings.values["unbias_label"] else 0.0
        return cls(mean, deviation, label_mean, label_deviation)

    def labels(self, labels: FloatArray) -> FloatArray:
        """Labels as they are trained."""
        return np.asarray((labels - self.label_mean) / self.label_deviation, np.float32)

    def model(self, weights: FloatArray, bias: FloatArray, decision: Decision) -> LinearModel:
        """What was trained on scaled rows, as a model of rows as they are given."""
        return LinearModel(
            np.asarray(weights * (self.label_deviation / self.deviation[:, None]), np.float32),
            np.asarray(bias * self.label_deviation + self.label_mean, np.float32),
            self.mean,
            decision,
        )


def class_weights(table: Table, settings: Settings) -> FloatArray | None:
    """What a row of each class weighs; None where all weigh the same.

    `balanced` and `balance_multiclass_weights` give the classes equal importance, by the frequencies in some rows.
    """
    match settings.predictor_type:
        case "binary_classifier":
            multiple = settings.values["positive_example_weight_mult"]
            if multiple in {1.0, "auto"}:
                return None
            if multiple == "balanced":
                positive = max(1, int((np.asarray(table.labels) > 0).sum()))
                multiple = max(1, table.rows - positive) / positive
            return np.array([1, multiple], np.float32)
        case "multiclass_classifier" if settings.values["balance_multiclass_weights"]:
            counts = np.bincount(np.asarray(table.labels, np.int64), minlength=settings.outputs)
            return np.asarray(table.rows / (settings.outputs * np.maximum(1, counts)), np.float32)
        case _:
            return None


def _moments(table: Table) -> tuple[Any, Any]:
    """The mean and the standard deviation of each feature."""
    if isinstance(table.features, np.ndarray):
        return table.features.mean(axis=0, dtype=np.float64), table.features.std(axis=0, dtype=np.float64)
    features: Any = table.features.astype(np.float64)
    mean = np.asarray(features.mean(axis=0)).ravel()
    return mean, np.sqrt(np.maximum(np.asarray(features.multiply(features).mean(axis=0)).ravel() - mean**2, 0))
