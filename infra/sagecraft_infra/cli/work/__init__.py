"""The commands about what SageMaker runs: jobs, endpoints and notebook instances."""
