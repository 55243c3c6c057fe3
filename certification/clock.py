"""The only source of now and today (Asia/Shanghai).

System time plus a stored offset that web, worker and beat share. The offset is zero unless
``CLOCK_MAY_MOVE`` is set: only the embedded and test settings set it, for the 演示时钟.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from certification.workdays.models import ClockOffset

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai."""
    return (timezone.now() + offset()).astimezone(SHANGHAI)


def today() -> date:
    """The present calendar day in Asia/Shanghai."""
    return now().date()


def offset() -> timedelta:
    """By how much the demonstration clock runs ahead; always zero in production."""
    if not settings.CLOCK_MAY_MOVE:
        return timedelta(0)
    stored = ClockOffset.objects.first()
    return stored.offset if stored else timedelta(0)


def start_of(day: date) -> datetime:
    """00:00 Asia/Shanghai at the beginning of ``day``."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """24:00 Asia/Shanghai of ``day``: the first moment that is too late for something due on ``day``."""
    return start_of(day + timedelta(days=1))
