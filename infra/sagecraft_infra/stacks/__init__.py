"""Stacks made of the constructs, for an app to put together."""

from .billing_stack import BillingStack
from .data_stack import DataStack
from .notebook_stack import NotebookStack
from .training_endpoint_stack import TrainingEndpointStack
from .tuning_endpoint_stack import TuningEndpointStack

__all__ = ["BillingStack", "DataStack", "NotebookStack", "TrainingEndpointStack", "TuningEndpointStack"]
