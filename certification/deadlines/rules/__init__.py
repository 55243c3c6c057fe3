"""Deadline rules as editions (rules 1.4): prepared, checked, activated, and told in sentences."""
