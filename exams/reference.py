"""What ``load_reference`` loads of this app."""

from datetime import datetime

from exams.materials import declarations

LABEL = "承诺书文本"


def load(*, now: datetime) -> int:
    """Add what the database does not hold yet; returns how much."""
    return len(declarations.load_texts(now=now))
