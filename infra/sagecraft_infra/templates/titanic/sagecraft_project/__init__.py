"""Who survives on the Titanic: a training job, and an endpoint that answers."""
