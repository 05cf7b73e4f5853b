"""How the candidates for a table are made."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class AutoMLMode(StrEnum):
    """How the candidates for a table are made.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TabularJobConfig.html
    """

    AUTO = "AUTO"
    """Ensembling below 100 MB of data, else hyperparameter tuning."""
    ENSEMBLING = "ENSEMBLING"
    """Several models whose predictions are combined."""
    HYPERPARAMETER_TUNING = "HYPERPARAMETER_TUNING"
    """One algorithm, with the hyperparameters that a search found best."""


ALGORITHMS: Final[Mapping[AutoMLMode, tuple[str, ...]]] = {
    AutoMLMode.AUTO: (),
    AutoMLMode.ENSEMBLING: (
        "catboost",
        "extra-trees",
        "fastai",
        "lightgbm",
        "linear-learner",
        "nn-torch",
        "randomforest",
        "xgboost",
    ),
    AutoMLMode.HYPERPARAMETER_TUNING: ("linear-learner", "mlp", "xgboost"),
}
"""Which algorithms a mode lets one choose from.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLAlgorithmConfig.html"""
