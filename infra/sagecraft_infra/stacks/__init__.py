"""Stacks made of the constructs, for an app to put together."""

from .billing_stack import BillingStack
from .data_stack import DataStack
from .grouped_stack import GroupedStack
from .notebook_stack import NotebookStack
from .training_endpoint_stack import TrainingEndpointStack
from .tuning_endpoint_stack import TuningEndpointStack

__all__ = ["BillingStack", "DataStack", "GroupedStack", "NotebookStack", "TrainingEndpointStack", "TuningEndpointStack"]
