"""CloudFormation and Step Functions, as they drive the API."""
