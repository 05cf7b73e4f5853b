"""Stacks, settings and the `sagecraft` command."""
