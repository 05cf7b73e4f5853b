"""Budgets, and the alarms and topics that tell of charges."""
