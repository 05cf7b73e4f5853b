"""What a noun says of itself, so that nothing else has to know it."""
