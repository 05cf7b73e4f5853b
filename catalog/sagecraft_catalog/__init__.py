"""Facts that AWS publishes about SageMaker: images, instance types, hyperparameters, metrics and limits."""
