"""Incidents of an exam: reported with evidence, heard, decided by another than who proposed, reviewed."""
