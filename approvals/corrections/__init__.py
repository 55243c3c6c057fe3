"""Correction notices (补正): made once and complete, answered item by item, taken back, as letters."""
