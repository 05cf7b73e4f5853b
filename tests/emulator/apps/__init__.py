"""CDK apps that tests deploy."""
