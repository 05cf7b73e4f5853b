"""Machines with Jupyter on them."""
