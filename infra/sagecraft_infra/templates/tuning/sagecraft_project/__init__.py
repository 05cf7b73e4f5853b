"""Who survives on the Titanic: a tuning job, and the endpoint of the best model that it finds."""
