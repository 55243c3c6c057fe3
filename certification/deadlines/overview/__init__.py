"""Looking over deadlines: the overdue board, monthly figures, and which tier used which working days (rules 2.11)."""
