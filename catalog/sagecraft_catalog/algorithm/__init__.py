"""AWS's algorithm containers: images, hyperparameters, metrics, and what a tuning job may search."""
