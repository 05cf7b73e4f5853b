"""Feature groups, as they are declared."""
