"""`Search`: the records of a kind that an expression is true of."""
