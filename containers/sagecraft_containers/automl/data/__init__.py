"""What a job is given: its files, the kinds of their columns, the problem, and how the rows are split."""
