"""Dossiers (一期一档, rules 10): opened, complete, sealed, kept."""
