"""Admission tickets: printed one by one or all in one file, and what changed since (rules 3.4, 8)."""
