"""What AWS asks for by the hour, the GB and the month: rows with a date and a source, and what follows from them."""
