"""The linear-learner container's `train`."""

from .algorithm import main as main
