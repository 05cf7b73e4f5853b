"""The k-nearest-neighbors container."""
