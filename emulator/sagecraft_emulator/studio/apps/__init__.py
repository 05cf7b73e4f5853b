"""The apps of spaces that really run, and open in a browser."""
