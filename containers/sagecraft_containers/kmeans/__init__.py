"""The k-means container."""
