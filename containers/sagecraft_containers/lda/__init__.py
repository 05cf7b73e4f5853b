"""The LDA container."""
