"""Domains of Studio, who works in them, and with what."""
