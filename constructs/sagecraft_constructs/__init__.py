"""AWS CDK constructs for machine-learning environments on Amazon SageMaker."""
