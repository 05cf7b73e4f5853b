"""The model registry, deployed."""
