"""Scores: entered or imported by one person, checked by another, released, re-checked on request, and what follows."""
