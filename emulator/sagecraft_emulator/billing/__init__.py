"""What AWS tells of charges, from the meter: the billing metric, Cost Explorer, and Budgets that act."""
