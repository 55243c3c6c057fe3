"""逾期特批 (rules 2.5): asking, deciding by name and with a reason, acting by it."""
