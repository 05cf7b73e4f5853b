"""Buckets, datasets and tables."""
