"""Lambda code of the apps."""
