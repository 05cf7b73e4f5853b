"""Jobs that run a program on data."""
