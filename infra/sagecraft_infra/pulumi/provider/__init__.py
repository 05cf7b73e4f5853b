"""The types of Pulumi's providers for AWS."""
