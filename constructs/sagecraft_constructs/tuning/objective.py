"""What a tuning job is after."""

from dataclasses import dataclass
from typing import Literal

from sagecraft_constructs.prop_kinds import check_props


@check_props
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
    @check_props
    def maximize(metric_name: str) -> "Objective":
        """The more the better."""
        return Objective(metric_name=metric_name, type="Maximize")

    @staticmethod
    @check_props
    def minimize(metric_name: str) -> "Objective":
        """The less the better."""
        return Objective(metric_name=metric_name, type="Minimize")
