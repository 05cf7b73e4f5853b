"""Compares algorithms by the past, and combines them."""
