"""Deadlines as rows: locked in one order, counted by rule, calendar and pauses, written with their history."""

from collections.abc import Iterable
from datetime import date, datetime

from simple_history.utils import bulk_create_with_history

from certification.deadlines import followers, stages
from certification.deadlines.due import Due, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.records import bulk
from certification.rulebook import lookup
from certification.workdays.counting import Calendar, Interval

# What ``count`` sets.
COUNTED = (
    "due_on",
    "provisional",
    "calendar_signature",
    "next_reminder_on",
    "version",
    "breached_at",
    "consequence_run_at",
)


def locked(queryset) -> list[Deadline]:
    """The rows of ``queryset``, locked, in one order."""
    return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def write(
    rows: list[Deadline], fields: Iterable[str], reason: str, *, now: datetime, actor: User | None = None
) -> None:
    """Write ``fields`` of ``rows`` and their history in the name of ``actor`` (None: of the running activity's)."""
    if rows:
        bulk.change(rows, list(fields), actor=actor, at=now, reason=reason[:100])
        followers.tell(rows)


def create(rows: list[Deadline], reason: str, *, now: datetime, actor: User | None = None) -> None:
    """Write new ``rows`` with their history."""
    if rows:
        bulk_create_with_history(
            rows, Deadline, default_user=actor, default_change_reason=reason[:100], default_date=now
        )
        followers.tell(rows)


def due_of(row: Deadline, calendar: Calendar, pauses: Iterable[Interval] = ()) -> Due:
    """When the row is due by ``calendar``, its own extension and the ended ``pauses`` that count for its rule."""
    rule = lookup.by_id(row.rule_id)
    return due_by(rule, row.anchor_on, calendar, pauses=list(pauses), extension_days=row.extension_days)


def count(row: Deadline, calendar: Calendar, pauses: Iterable[Interval] = (), *, now: datetime) -> bool:
    """Set everything that follows from the row's due day; whether anything differs from before.

    A day that moved is a new version, reminded of anew. Where it moved so that nothing is late any more, the
    breach is taken back; its history stays.
    """
    found = due_of(row, calendar, pauses)
    if found.signature == row.calendar_signature and found.due_on == row.due_on:
        return False
    moved = found.due_on != row.due_on
    row.due_on, row.provisional, row.calendar_signature = found.due_on, found.provisional, found.signature
    if moved:
        row.version += 1
        row.next_reminder_on = first_reminder(found, calendar)
        if not row.is_late_at(now):
            row.breached_at = row.consequence_run_at = None
    return True


def first_reminder(found: Due, calendar: Calendar) -> date | None:
    """The day of the first reminder of a due date, past or not."""
    return stages.next_day(found.rule, found.due_on, calendar, provisional=found.provisional)
