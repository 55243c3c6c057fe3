"""Drafting and publishing a year's calendar. The days of a published edition never change."""

import hashlib
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from certification.workdays.models import CalendarDay, CalendarEdition


class CalendarRefused(Exception):
    """A calendar may not be published; the message says why, in Chinese."""


def digest(days: Iterable[tuple[date, str, str]]) -> str:
    """SHA-256 over (date, kind, name), in order of date: tells two editions with the same days from others."""
    text = "\n".join(f"{day.isoformat()} {kind} {name}" for day, kind, name in sorted(days))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def draft(
    *,
    year: int,
    notice_title: str,
    notice_date: date | None,
    days: Iterable[tuple[date, str, str]],
    invented: bool = False,
) -> CalendarEdition:
    """A new draft edition of ``year`` with its days (date, kind, holiday's name)."""
    days = list(days)
    _check(year, days)
    edition = CalendarEdition.objects.create(
        year=year, notice_title=notice_title, notice_date=notice_date, invented=invented, digest=digest(days)
    )
    rows = [CalendarDay(edition=edition, date=day, kind=kind, name=name) for day, kind, name in days]
    bulk_create_with_history(rows, CalendarDay)
    return edition


@transaction.atomic
def publish(edition: CalendarEdition, *, now) -> CalendarEdition:
    """Publish a draft; the edition published before for the same year is superseded.

    Raises CalendarRefused for an invented calendar where ``DEMONSTRATION_CALENDAR`` is off (always in
    production), for one that would displace a real notice, and for an edition that is no draft any more.
    """
    edition = CalendarEdition.objects.select_for_update(of=("self",)).get(pk=edition.pk)
    if edition.status != CalendarEdition.Status.DRAFT:
        raise CalendarRefused(f"“{edition}”不是草稿，不能发布。")
    if edition.invented and not settings.DEMONSTRATION_CALENDAR:
        raise CalendarRefused(f"“{edition}”为演示用日历，本系统不得发布。")
    _supersede(edition)
    edition.status = CalendarEdition.Status.PUBLISHED
    edition.published_at = now
    edition.save()
    return edition


def _supersede(edition: CalendarEdition) -> None:
    published = CalendarEdition.objects.select_for_update(of=("self",)).filter(
        year=edition.year, status=CalendarEdition.Status.PUBLISHED
    )
    for before in published:
        if edition.invented and not before.invented:
            raise CalendarRefused(f"{edition.year}年已有正式通知，不得以演示用日历替代。")
        before.status = CalendarEdition.Status.SUPERSEDED
        before.save()


def _check(year: int, days: list[tuple[date, str, str]]) -> None:
    """A make-up day is a Saturday or Sunday, no day stands twice, and none is far from its year."""
    seen = set()
    for day, kind, name in days:
        if day in seen:
            raise CalendarRefused(f"{day} 重复出现。")
        seen.add(day)
        if kind == CalendarDay.Kind.MAKEUP and day.weekday() < 5:
            raise CalendarRefused(f"{day}（{name}）不是周末，不能作为调休上班日。")
        if not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
            raise CalendarRefused(f"{day} 不属于{year}年的安排。")
