"""What the hyperparameters of a job come to: the loss, and the settings of each of the models that are trained at once.

Source: "Linear learner hyperparameters" in the SageMaker developer guide; what `auto` stands for, from the
configuration that AWS's container writes into its log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from sagecraft_containers.algorithm.job import Hyperparameters
from sagecraft_containers.data.table import FloatArray
from sagecraft_containers.linear_learner.model import PredictorType

_LOSSES: Final[Mapping[PredictorType, str]] = {
    "binary_classifier": "logistic",
    "multiclass_classifier": "softmax_loss",
    "regressor": "squared_loss",
}
_AUTO: Final[Mapping[str, float]] = {
    "beta_1": 0.9,
    "beta_2": 0.999,
    "bias_lr_mult": 10,
    "bias_wd_mult": 0,
    "learning_rate": 0.005,
    "lr_scheduler_factor": 0.99,
    "lr_scheduler_minimum_lr": 1e-5,
    "lr_scheduler_step": 100,
    "momentum": 0,
    "l1": 0,
    "wd": 0,
}
_MODELS: Final = 32
_MOST_WEIGHTS: Final = 1 << 26
"""Of all models; so many take a gigabyte with what their optimizer keeps."""
_SPANS: Final[Mapping[str, tuple[float, float]]] = {
    "learning_rate": (1e-3, 1e-1),
    "l1": (1e-7, 1e-2),
    "wd": (1e-7, 1e-2),
}
"""From where to where the settings are that the models try where the job gives none."""
_CLOSE: Final = 3.0
"""By how much at most those differ that the job gives."""


@dataclass(frozen=True)
class Settings:
    """What a job trains.

    Attributes:
        values: The hyperparameters, without an `auto` among those that all models share.
        predictor_type: What the models predict.
        loss: Its name among the hyperparameters' values.
        outputs: How many outputs a model has.
        models: What differs between models: an array of each of `learning_rate`, `l1` and `wd`.
    """

    values: Mapping[str, Any]
    predictor_type: PredictorType
    loss: str
    outputs: int
    models: Mapping[str, FloatArray]

    @classmethod
    def of(cls, hyperparameters: Hyperparameters, columns: int) -> "Settings":
        """What the hyperparameters of a job come to, whose rows have so many features."""
        kind = cast("PredictorType", hyperparameters["predictor_type"])
        outputs = int(str(hyperparameters["num_classes"])) if kind == "multiclass_classifier" else 1
        loss = str(hyperparameters["loss"])
        autos = {name: value for name, value in _AUTO.items() if hyperparameters[name] == "auto"}
        return cls(
            values={**hyperparameters, **autos},
            predictor_type=kind,
            loss=_LOSSES[kind] if loss == "auto" else loss,
            outputs=outputs,
            models=_models(hyperparameters, _count(hyperparameters, columns * outputs)),
        )

    def number(self, name: str) -> float:
        """A hyperparameter that is a number."""
        return float(self.values[name])

    def rate(self, step: int) -> FloatArray:
        """The learning rate of each model after so many batches."""
        rates = self.models["learning_rate"]
        if not self.values["use_lr_scheduler"]:
            return rates
        factor = self.number("lr_scheduler_factor") ** (step // int(self.number("lr_scheduler_step")))
        least = np.minimum(rates, self.number("lr_scheduler_minimum_lr"))
        return np.asarray(np.maximum(rates * np.float32(factor), least), np.float32)

    def told(self, model: int) -> dict[str, Any]:
        """The settings of a model, as AWS's log has them."""
        schedule = {name: self.values[name] for name in _AUTO if name.startswith("lr_")}
        own = {name: float(values[model]) for name, values in self.models.items()}
        return {"optimizer": self.optimizer, **own, **schedule}

    @property
    def optimizer(self) -> str:
        """The optimizer of all models."""
        return "adam" if self.values["optimizer"] == "auto" else str(self.values["optimizer"])

    @property
    def normalizes_label(self) -> bool:
        """Whether labels are shifted and scaled, as they are for regression where nothing is said."""
        return self.predictor_type == "regressor" and self.values["normalize_label"] in {True, "auto"}


def _count(hyperparameters: Hyperparameters, weights: int) -> int:
    """How many models are trained at once: one in a trial of a tuning job, which searches by itself."""
    if "_tuning_objective_metric" in hyperparameters:
        return 1
    given = hyperparameters["num_models"]
    return given if isinstance(given, int) else max(1, min(_MODELS, _MOST_WEIGHTS // weights))


def _models(hyperparameters: Hyperparameters, count: int) -> dict[str, FloatArray]:
    """The first model has the settings of the job, the others close ones; what the job leaves out is drawn widely."""
    random = np.random.default_rng(0)
    models = {}
    for name, (low, high) in _SPANS.items():
        given = hyperparameters[name]
        draws = random.uniform(size=count)
        if isinstance(given, str):
            first, values = _AUTO[name], np.exp(np.log(low) + draws * np.log(high / low))
        else:
            first = float(cast("float", given))
            values = first * _CLOSE ** (2 * draws - 1)
        models[name] = np.array([first, *values[1:]], np.float32)
    return models
