"""Budgets that act: what is spent of them, whom they tell, what they do."""
