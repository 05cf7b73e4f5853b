"""Stacks made of the constructs, for an app to put together."""

from .billing import BillingStack
from .data import DataStack
from .grouped import GroupedStack
from .notebook import NotebookStack
from .studio import StudioStack
from .team import TeamStack
from .training_endpoint import TrainingEndpointStack
from .tuning_endpoint import TuningEndpointStack

__all__ = [
    "BillingStack",
    "DataStack",
    "GroupedStack",
    "NotebookStack",
    "StudioStack",
    "TeamStack",
    "TrainingEndpointStack",
    "TuningEndpointStack",
]
