"""Certificates and cards: the register, what is imported into it, and what windows hand over."""
