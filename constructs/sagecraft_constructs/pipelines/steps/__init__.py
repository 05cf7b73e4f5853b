"""The steps of pipelines."""
