"""Stacks made of the constructs, for an app to put together."""

from .data_stack import DataStack
from .training_endpoint_stack import TrainingEndpointStack

__all__ = ["DataStack", "TrainingEndpointStack"]
