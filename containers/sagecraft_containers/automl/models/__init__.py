"""What a candidate is made of: the preparation of the columns, an algorithm and its hyperparameters."""
