"""Jobs that send records through a model."""
