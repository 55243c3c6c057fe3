"""Back-planning (rules 2.3): from a wished class or exam to every due date, and what can be started from it."""
