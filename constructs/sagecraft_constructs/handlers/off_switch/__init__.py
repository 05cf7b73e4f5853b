"""Stops what costs money by the hour and has a tag, and brings it back: the standard library and boto3 alone."""
