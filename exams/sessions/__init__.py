"""Exam sessions: announced, filled from the pool, moved, cancelled, held."""
