"""Training plans: filed seven working days ahead, taken note of or returned, moved (rules 2.1, 3)."""
