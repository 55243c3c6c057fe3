"""The calendar as the database holds it, for whoever counts.

Every call asks the database by one short query which editions are published, so that a calendar published by
another process is noticed at once; the days are read again only when that changed.
"""

from collections import OrderedDict
from datetime import date

from django.conf import settings

from certification.workdays.counting import Calendar, Notice
from certification.workdays.models import CalendarDay, CalendarEdition

Signature = tuple[tuple[int, str], ...]

_KEPT = 6
_built: OrderedDict[Signature, Calendar] = OrderedDict()


class NoCalendarLoaded(LookupError):
    """No published notice is in the database."""

    def __init__(self):
        super().__init__("数据库中没有已发布的工作日历，请先运行 manage.py load_reference。")


def current() -> Calendar:
    """By what deadlines are counted now: published notices, and the demonstration's invented year only where
    ``DEMONSTRATION_CALENDAR`` allows it."""
    return _built_from(_published(with_invented=settings.DEMONSTRATION_CALENDAR))


def with_edition(edition: CalendarEdition) -> Calendar:
    """``current`` as it would be with ``edition`` published in place of its year's."""
    others = CalendarEdition.objects.filter(year=edition.year).exclude(pk=edition.pk).values_list("pk", flat=True)
    replaced = set(others)
    kept = [one for one in _published(with_invented=settings.DEMONSTRATION_CALENDAR) if one[0] not in replaced]
    return _built_from(tuple(sorted({*kept, (edition.pk, edition.digest)})))


def published_only() -> Calendar:
    """Published notices without anything invented, whatever the settings."""
    return _built_from(_published(with_invented=False))


def require_loaded() -> None:
    """Raise NoCalendarLoaded where no notice is published."""
    if not CalendarEdition.objects.filter(status=CalendarEdition.Status.PUBLISHED, invented=False).exists():
        raise NoCalendarLoaded


def as_counted(signature: str) -> Calendar:
    """The calendar by which a count with ``signature`` (``Calendar.signature``) was made, superseded editions
    included, so that an old date can still be explained day by day."""
    keys = [part.partition(":")[2] for part in signature.split()]
    editions = CalendarEdition.objects.filter(pk__in=[key for key in keys if key.isdigit()]).order_by("pk")
    return _built_from(tuple(editions.values_list("pk", "digest")))


def _published(*, with_invented: bool) -> Signature:
    editions = CalendarEdition.objects.filter(status=CalendarEdition.Status.PUBLISHED)
    if not with_invented:
        editions = editions.filter(invented=False)
    return tuple(editions.order_by("pk").values_list("pk", "digest"))


def _built_from(signature: Signature) -> Calendar:
    calendar = _built.get(signature)
    if calendar is None:
        calendar = Calendar.of(_notices([pk for pk, _digest in signature]))
        _built[signature] = calendar
        while len(_built) > _KEPT:
            _built.popitem(last=False)
    return calendar


def _notices(editions: list[int]) -> list[Notice]:
    days: dict[int, dict[str, dict[date, str]]] = {pk: {kind: {} for kind in CalendarDay.Kind} for pk in editions}
    for day in CalendarDay.objects.filter(edition__in=editions).order_by("date"):
        days[day.edition_id][day.kind][day.date] = day.name
    return [
        Notice(
            year=edition.year,
            key=str(edition.pk),
            title=str(edition),
            off=days[edition.pk][CalendarDay.Kind.OFF],
            makeup=days[edition.pk][CalendarDay.Kind.MAKEUP],
            invented=edition.invented,
        )
        for edition in CalendarEdition.objects.filter(pk__in=editions).order_by("pk")
    ]
