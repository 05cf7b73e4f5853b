"""SageMaker's service in LocalStack, as plug-ins that LocalStack finds by their entry points.

Nothing here knows what SageMaker does. `engine` holds the service and the work behind it, `services` answers requests,
`resource_providers` serves CloudFormation, and `hooks` begins and ends it all. What every CDK app needs, and LocalStack
leaves to its paid edition or to Docker, stands beside it: `custom_resources` and `lambda_executor`.
"""
