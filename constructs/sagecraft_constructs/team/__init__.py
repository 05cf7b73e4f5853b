"""What a whole team works in, and what each of its people may do there."""
