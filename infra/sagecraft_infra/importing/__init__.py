"""Writes construct code for what exists."""
