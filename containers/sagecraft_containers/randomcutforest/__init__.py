"""The random cut forest container."""
