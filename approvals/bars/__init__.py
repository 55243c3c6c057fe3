"""Bars of persons (禁考): proposed, imposed or declined, appealed, lifted (rules 3.3)."""
