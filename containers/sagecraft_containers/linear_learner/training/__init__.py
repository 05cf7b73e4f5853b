"""The linear-learner container's `train`."""
