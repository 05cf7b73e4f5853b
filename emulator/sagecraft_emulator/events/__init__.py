"""The events that are told of SageMaker's resources."""
