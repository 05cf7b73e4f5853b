"""The AutoML container: from a table and the name of its target to models, reports, and predictions for raw rows."""
