"""A notebook instance to look at the passengers of the Titanic with."""
