"""Experiments: what jobs and runs have had as parameters, read, written and measured, so that they can be compared."""
