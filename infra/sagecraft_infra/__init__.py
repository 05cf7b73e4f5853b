"""Stacks and the `sagecraft` command."""
