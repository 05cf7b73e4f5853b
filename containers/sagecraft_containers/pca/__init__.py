"""The PCA container."""
