"""What ``load_reference`` loads of this app."""

from approvals.reviews.reasons import LABEL, load

__all__ = ["LABEL", "load"]
