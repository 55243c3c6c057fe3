"""Reminders (rules 2.6): who is told when, once each, in which words."""
