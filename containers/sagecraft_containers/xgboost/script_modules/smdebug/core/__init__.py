"""What a hook is told to save, and when; kept as it is given."""

from enum import Enum
from typing import Any


class ModeKeys(Enum):
    """What a script is doing."""

    TRAIN = 1
    EVAL = 2
    PREDICT = 3
    GLOBAL = 4


modes = ModeKeys


class CollectionKeys:
    """The names of collections of tensors."""

    DEFAULT = "default"
    ALL = "all"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    WEIGHTS = "weights"
    GRADIENTS = "gradients"
    LOSSES = "losses"
    BIASES = "biases"
    LAYERS = "layers"
    SM_METRICS = "sm_metrics"
    METRICS = "metrics"
    HYPERPARAMETERS = "hyperparameters"
    PREDICTIONS = "predictions"
    LABELS = "labels"
    FEATURE_IMPORTANCE = "feature_importance"
    AVERAGE_SHAP = "average_shap"
    FULL_SHAP = "full_shap"
    TREES = "trees"


class SaveConfigMode:
    """At which steps of a mode something is saved."""

    def __init__(
        self,
        save_interval: int | None = None,
        start_step: int | None = None,
        end_step: int | None = None,
        save_steps: list[int] | None = None,
    ) -> None:
        self.save_interval, self.start_step, self.end_step, self.save_steps = (
            save_interval,
            start_step,
            end_step,
            save_steps,
        )


class SaveConfig(SaveConfigMode):
    """At which steps something is saved: in all modes alike, or by mode."""

    def __init__(self, mode_save_configs: dict[ModeKeys, SaveConfigMode] | None = None, **steps: Any) -> None:
        super().__init__(**steps)
        self.mode_save_configs = mode_save_configs


class ReductionConfig:
    """What is saved of a tensor in place of it."""

    def __init__(
        self,
        reductions: list[str] | None = None,
        abs_reductions: list[str] | None = None,
        norms: list[str] | None = None,
        abs_norms: list[str] | None = None,
        save_raw_tensor: bool = False,
        save_shape: bool = False,
    ) -> None:
        self.reductions, self.abs_reductions = reductions or [], abs_reductions or []
        self.norms, self.abs_norms = norms or [], abs_norms or []
        self.save_raw_tensor, self.save_shape = save_raw_tensor, save_shape
