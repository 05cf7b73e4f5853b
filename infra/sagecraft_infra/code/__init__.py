"""Writes Python code: the module of a stack, and what exists and is referred to in it."""
