"""Drafting and publishing a year's calendar. The days of a published edition never change."""

import hashlib
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from certification.workdays import contradictions
from certification.workdays.arrangements import Day
from certification.workdays.models import CalendarDay, CalendarEdition


class CalendarRefused(Exception):
    """A calendar may not be published; the message says why, in Chinese."""


def digest(days: Iterable[Day]) -> str:
    """SHA-256 over (date, kind, name), in order of date: tells two editions with the same days from others."""
    text = "\n".join(f"{day.isoformat()} {kind} {name}" for day, kind, name in sorted(days))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def draft(
    *,
    year: int,
    notice_title: str,
    notice_date: date | None,
    days: Iterable[Day],
    notice_number: str = "",
    source_text: str = "",
    invented: bool = False,
) -> CalendarEdition:
    """A new draft edition of ``year`` with its days (date, kind, holiday's name). Raises CalendarRefused."""
    edition = CalendarEdition(
        year=year,
        notice_title=notice_title,
        notice_number=notice_number,
        notice_date=notice_date,
        source_text=source_text,
        invented=invented,
    )
    return rewrite(edition, days=days)


@transaction.atomic
def rewrite(edition: CalendarEdition, *, days: Iterable[Day]) -> CalendarEdition:
    """Store ``edition``, a draft whose head the caller has filled in (and locked), with these days instead of those
    it had. Raises CalendarRefused for what no calendar may hold."""
    days = list(days)
    _check(edition.year, days)
    edition.digest = digest(days)
    edition.save()
    _write_days(edition, {day: (kind, name) for day, kind, name in days})
    return edition


def _write_days(edition: CalendarEdition, wanted: dict[date, tuple[str, str]]) -> None:
    """Only what differs is written, so that the history of a day is what happened to it."""
    before = {row.date: row for row in edition.days.all()}
    for day in before.keys() - wanted.keys():
        before[day].delete()
    changed = [row for day, row in before.items() if day in wanted and (row.kind, row.name) != wanted[day]]
    for row in changed:
        row.kind, row.name = wanted[row.date]
    if changed:
        bulk_update_with_history(changed, CalendarDay, ["kind", "name"])
    new = [
        CalendarDay(edition=edition, date=day, kind=kind, name=name)
        for day, (kind, name) in wanted.items()
        if day not in before
    ]
    if new:
        bulk_create_with_history(new, CalendarDay)


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


def _check(year: int, days: list[Day]) -> None:
    """Nothing that no calendar may hold; all of it is said at once."""
    found = contradictions.of_days(year, days)
    if found:
        raise CalendarRefused(" ".join(str(one) for one in found))
