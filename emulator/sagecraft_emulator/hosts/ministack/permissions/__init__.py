"""What may be done, and by whom, in ministack's own modules."""
