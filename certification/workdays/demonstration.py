"""The 演示时钟 moved forward, and the checks that production stands still and counts nothing invented."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import checks
from django.db import connections, transaction
from django.utils import timezone

from certification.workdays.models import CalendarEdition, ClockOffset


class ClockMayNotMove(Exception):
    """The settings do not allow the clock to move."""


class ClockIsPast(Exception):
    """The clock stands at or behind the moment to which it was to move: it goes forward only."""


@transaction.atomic
def move_clock_to(moment: datetime) -> datetime:
    """Let the clock stand at ``moment`` and run on from there; returns where it stood.

    Raises ClockMayNotMove where ``CLOCK_MAY_MOVE`` is off (always in production), ClockIsPast. The jobs of the days
    passed are the caller's: see ``certification.portal.day_jobs``.
    """
    if not settings.CLOCK_MAY_MOVE:
        raise ClockMayNotMove("本系统的时钟不得调整。")
    ClockOffset.objects.get_or_create(pk=1)
    stored = ClockOffset.objects.select_for_update(of=("self",)).get(pk=1)
    present = timezone.now() + stored.offset
    if moment <= present:
        raise ClockIsPast("演示时钟只能向前。")
    stored.offset += moment - present
    stored.save(update_fields=["offset"])
    return present


@checks.register(checks.Tags.database)
def production_is_real(app_configs, databases, **kwargs) -> list[checks.CheckMessage]:
    """Errors where a stored clock offset or a published invented calendar meets settings that forbid it.

    Runs with ``manage.py check --database default`` and before ``migrate``.
    """
    if "default" not in (databases or ()):
        return []
    tables = connections["default"].introspection.table_names()
    errors = []
    if not settings.CLOCK_MAY_MOVE and _offset_stored(tables):
        errors.append(checks.Error("数据库中存有演示时钟偏移，本设置不允许。", id="workdays.E001"))
    if not settings.DEMONSTRATION_CALENDAR and _invented_published(tables):
        errors.append(checks.Error("数据库中发布有演示用日历，本设置不允许。", id="workdays.E002"))
    return errors


def _offset_stored(tables: list[str]) -> bool:
    if ClockOffset._meta.db_table not in tables:
        return False
    return ClockOffset.objects.filter(offset__gt=timedelta(0)).exists()


def _invented_published(tables: list[str]) -> bool:
    if CalendarEdition._meta.db_table not in tables:
        return False
    return CalendarEdition.objects.filter(status=CalendarEdition.Status.PUBLISHED, invented=True).exists()
