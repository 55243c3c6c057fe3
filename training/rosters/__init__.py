"""Rosters: read from files, checked, submitted in versions; trainees who withdraw or take a place."""
