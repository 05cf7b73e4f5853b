"""AutoML jobs."""
