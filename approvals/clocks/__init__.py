"""The clocks of a decision: where they stand, when they pause, how they are extended, and who is told."""
