"""Models, and the endpoints that answer with them."""
