"""Licences: applied for, accepted, decided on per person, put into letters and served (rules 9)."""
