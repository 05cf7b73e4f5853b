"""SageMaker Studio: domains, the people in them, and what they work with."""
