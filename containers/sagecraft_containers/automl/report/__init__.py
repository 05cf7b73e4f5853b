"""What a job tells: notebooks of the data and of the candidates, why a model answers as it does, and how well."""
