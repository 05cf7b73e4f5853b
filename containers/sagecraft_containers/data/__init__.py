"""Readers of the data formats of SageMaker's built-in algorithms: bytes or files in, matrices out."""
