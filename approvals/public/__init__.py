"""Public look-up (方案四（四）): what candidates, who have no accounts, see of their own cases."""
