"""Trains candidates, searches among them, and combines the best."""
