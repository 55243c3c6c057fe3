"""Exam applications: built, submitted, answered, moved along their review, and what their deadlines do to them."""
