"""AutoML jobs: SageMaker Autopilot finds the model."""
