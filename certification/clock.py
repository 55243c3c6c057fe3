"""The only source of now and today (Asia/Shanghai).

System time plus a stored offset that web, worker and beat share. The offset is zero unless
``CLOCK_MAY_MOVE`` is set: only the embedded and test settings set it, for the 演示时钟.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from certification.workdays.models import ClockOffset

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Inside ``held``: the offset once it was read, in a list so that ``forget`` reaches every holder of this context.
_held: ContextVar[list[timedelta] | None] = ContextVar("held_clock_offset", default=None)


def now() -> datetime:
    """The present moment, aware, in Asia/Shanghai."""
    return (timezone.now() + offset()).astimezone(SHANGHAI)


def today() -> date:
    """The present calendar day in Asia/Shanghai."""
    return now().date()


def local(moment: datetime) -> datetime:
    """The same moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """The calendar day of ``moment`` in Asia/Shanghai."""
    return local(moment).date()


def offset() -> timedelta:
    """By how much the demonstration clock runs ahead; always zero in production."""
    if not settings.CLOCK_MAY_MOVE:
        return timedelta(0)
    memory = _held.get()
    if memory is None:
        return _stored_offset()
    if not memory:
        memory.append(_stored_offset())
    return memory[0]


@contextmanager
def held() -> Iterator[None]:
    """For the time of a request: read the stored offset at most once, however many dates are shown."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def forget() -> None:
    """Whoever moves the demonstration clock inside ``held`` calls this, so that the new offset is read."""
    if memory := _held.get():
        memory.clear()


def _stored_offset() -> timedelta:
    stored = ClockOffset.objects.first()
    return stored.offset if stored else timedelta(0)


def start_of(day: date) -> datetime:
    """00:00 Asia/Shanghai at the beginning of ``day``."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """24:00 Asia/Shanghai of ``day``: the first moment that is too late for something due on ``day``."""
    return start_of(day + timedelta(days=1))
