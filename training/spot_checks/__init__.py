"""Spot checks of classes: what was found, by when it is remedied, and who is told."""
