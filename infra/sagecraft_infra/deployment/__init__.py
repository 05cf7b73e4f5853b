"""Deploys an app and destroys it again, by the CDK CLI and CloudFormation."""
