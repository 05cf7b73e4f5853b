"""The values of a template's properties, evaluated for Pulumi."""
