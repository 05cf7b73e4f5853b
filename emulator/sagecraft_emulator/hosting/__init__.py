"""Models, endpoint configurations and endpoints, and the processes that answer."""
