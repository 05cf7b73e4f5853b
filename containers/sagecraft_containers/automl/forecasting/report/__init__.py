"""What a forecast is worth, and what it is made of."""
