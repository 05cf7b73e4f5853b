"""Roles, users and groups, and what they may do."""
