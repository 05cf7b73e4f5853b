"""The commands for pipelines."""
