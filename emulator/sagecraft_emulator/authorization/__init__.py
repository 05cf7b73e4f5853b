"""Who calls, as which role work is done, and what roles may do."""
