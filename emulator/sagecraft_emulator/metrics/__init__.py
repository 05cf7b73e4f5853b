"""Metrics that are read from the logs of training jobs, by a process of its own."""
