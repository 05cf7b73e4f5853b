"""The model registry: as yet the names of its groups."""
