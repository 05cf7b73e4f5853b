"""The feature store: groups of features, and the stores of their records."""
