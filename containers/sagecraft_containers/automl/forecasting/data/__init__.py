"""Reads time series: rows of files become values at equal steps of time."""
