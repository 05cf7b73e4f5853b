"""How the candidates for a table are made."""

from enum import StrEnum


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
