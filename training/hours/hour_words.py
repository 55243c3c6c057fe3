"""Training hours as people write them."""

from decimal import Decimal


def plain(hours: Decimal) -> str:
    """7.5, 8: without zeros behind the point."""
    return f"{hours.normalize():f}"
