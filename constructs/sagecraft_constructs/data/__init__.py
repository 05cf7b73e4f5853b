"""Where data lies, how it gets there, and how work reads it."""
