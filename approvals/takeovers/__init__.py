"""Taking over a city's overdue review (提级审核, rules 2.5)."""
