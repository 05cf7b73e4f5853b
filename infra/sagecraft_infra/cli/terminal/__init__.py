"""What commands share: their options, what they write, and how they tell of progress."""
