"""SageMaker Studio: domains with their user profiles, spaces and apps, and what apps are set up with."""
