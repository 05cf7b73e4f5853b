"""Programs that run on a notebook instance, carried there in its lifecycle configuration."""
