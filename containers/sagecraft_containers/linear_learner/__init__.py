"""The container of AWS's linear-learner: many linear models at once, of which the best is kept."""
