"""What a table is asked for, and what candidates are compared by."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sagecraft_catalog import AUTOML_METRICS


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
    problem: tuple(map(AutoMLMetric, AUTOML_METRICS[problem])) for problem in ProblemType
}
"""Which metrics a problem can have."""
