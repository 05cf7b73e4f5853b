"""What a table is asked for, and what candidates are compared by."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ProblemType(StrEnum):
    """What a table is asked for.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-datasets-problem-types.html
    """

    BINARY_CLASSIFICATION = "BinaryClassification"
    """One of two classes."""
    MULTICLASS_CLASSIFICATION = "MulticlassClassification"
    """One of several classes."""
    REGRESSION = "Regression"
    """A number."""


class AutoMLMetric(StrEnum):
    """The metric that the best candidate is chosen by.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobObjective.html
    """

    ACCURACY = "Accuracy"
    AUC = "AUC"
    BALANCED_ACCURACY = "BalancedAccuracy"
    F1 = "F1"
    F1_MACRO = "F1macro"
    PRECISION = "Precision"
    PRECISION_MACRO = "PrecisionMacro"
    RECALL = "Recall"
    RECALL_MACRO = "RecallMacro"
    MAE = "MAE"
    MSE = "MSE"
    R2 = "R2"
    RMSE = "RMSE"
    MAPE = "MAPE"
    MASE = "MASE"
    WAPE = "WAPE"
    AVERAGE_WEIGHTED_QUANTILE_LOSS = "AverageWeightedQuantileLoss"


METRICS: Final[Mapping[ProblemType, tuple[AutoMLMetric, ...]]] = {
    ProblemType.BINARY_CLASSIFICATION: (
        AutoMLMetric.ACCURACY,
        AutoMLMetric.AUC,
        AutoMLMetric.BALANCED_ACCURACY,
        AutoMLMetric.F1,
        AutoMLMetric.PRECISION,
        AutoMLMetric.RECALL,
    ),
    ProblemType.MULTICLASS_CLASSIFICATION: (
        AutoMLMetric.ACCURACY,
        AutoMLMetric.BALANCED_ACCURACY,
        AutoMLMetric.F1_MACRO,
        AutoMLMetric.PRECISION_MACRO,
        AutoMLMetric.RECALL_MACRO,
    ),
    ProblemType.REGRESSION: (AutoMLMetric.MAE, AutoMLMetric.MSE, AutoMLMetric.R2, AutoMLMetric.RMSE),
}
"""Which metrics a problem can have.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobObjective.html"""
