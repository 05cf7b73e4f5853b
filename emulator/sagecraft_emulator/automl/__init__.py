"""AutoML jobs, SageMaker Autopilot's: they analyze data, try candidates, and explain the best."""
