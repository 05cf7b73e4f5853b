"""The feature store: groups of features, and their records in an online and an offline store."""
