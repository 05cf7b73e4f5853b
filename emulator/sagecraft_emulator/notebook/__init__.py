"""Notebook instances, and what they are set up with."""
