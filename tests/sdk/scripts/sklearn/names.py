# ruff: noqa: INP001 - it is the source of a job, not of a package
"""What the classes are called."""

CLASSES = ("withered", "blooming")
