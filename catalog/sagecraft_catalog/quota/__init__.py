"""Quotas of SageMaker: what an account may have at once, and what requests and resources ask for of it."""
