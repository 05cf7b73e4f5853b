"""Answers as Amazon SageMaker on this machine and really runs the work."""
