"""Sites, rooms, seats and staff of sessions (rules 4, 8)."""
