"""Pipelines: definitions whose steps are run as real jobs, by the same API as anybody's."""
