"""SageMaker Studio for people who look at the passengers of the Titanic."""
