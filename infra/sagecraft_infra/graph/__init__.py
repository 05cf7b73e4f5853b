"""Draws an environment from what its app was synthesized to."""
