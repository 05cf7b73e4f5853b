"""Pipelines: starting and watching their runs, and pictures of them."""
