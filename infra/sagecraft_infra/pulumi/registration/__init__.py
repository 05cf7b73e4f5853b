"""Registers the resources of a template with Pulumi."""
