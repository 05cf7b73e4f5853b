"""What a tuning job is after."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The metric by which training jobs are compared.

    Attributes:
        metric_name: Such as `validation:auc`.
        type: Whether more or less of it is better.
    """

    metric_name: str
    type: Literal["Maximize", "Minimize"]

    @staticmethod
    def maximize(metric_name: str) -> "Objective":
        """The more the better."""
        return Objective(metric_name=metric_name, type="Maximize")

    @staticmethod
    def minimize(metric_name: str) -> "Objective":
        """The less the better."""
        return Objective(metric_name=metric_name, type="Minimize")
