"""Web pages of servers in sandboxes: the names that they have, who may open them, and for how long."""
