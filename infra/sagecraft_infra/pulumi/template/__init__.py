"""The template that the CDK synthesizes, as Pulumi is to read it."""
