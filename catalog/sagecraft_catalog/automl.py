"""What AWS publishes about AutoML jobs on tables: metrics, the algorithms of each mode, and what an answer holds."""

from collections.abc import Mapping
from typing import Final

AUTOML_METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "BinaryClassification": ("Accuracy", "AUC", "BalancedAccuracy", "F1", "Precision", "Recall"),
    "MulticlassClassification": ("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
    "Regression": ("MAE", "MSE", "R2", "RMSE"),
}
"""The objectives that a problem can have.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobObjective.html"""
AUTOML_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "AUTO": (),
    "ENSEMBLING": (
        "catboost",
        "extra-trees",
        "fastai",
        "lightgbm",
        "linear-learner",
        "nn-torch",
        "randomforest",
        "xgboost",
    ),
    "HYPERPARAMETER_TUNING": ("linear-learner", "mlp", "xgboost"),
}
"""The algorithms that a mode lets one choose from.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLAlgorithmConfig.html"""
AUTOML_RESPONSE_KEYS: Final = ("predicted_label", "probability", "probabilities", "labels")
"""What an answer of a classification may hold; that of a regression has the first alone.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html"""
