"""CloudWatch Logs with events in a file of their own: what takes the place of the host's functions that hold them."""
