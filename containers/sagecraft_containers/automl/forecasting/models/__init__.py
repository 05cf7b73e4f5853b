"""The algorithms that forecast."""
