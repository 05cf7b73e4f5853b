"""Jobs that try hyperparameters out."""
