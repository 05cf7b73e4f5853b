"""What is of AutoML jobs on time series alone."""
