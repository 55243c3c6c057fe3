"""Due dates that move: an event gets another day, or a calendar is published. First the preview, then the same
again for real (rules 2.2): both read one list of moves, so that the preview is what happens.

What was met stays met, in time or late as it was judged. What is open and becomes late needs a late admission.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, models, transaction
from django.db.models import Count

from certification import clock
from certification.deadlines import followers, ledger, locking, pauses, stored
from certification.deadlines.due import Due, due_by
from certification.deadlines.models import AppliedCalendar, Deadline
from certification.organisations.models import User
from certification.records.history import record_changes
from certification.rulebook import lookup
from certification.rulebook.models import Rule
from certification.workdays import calendars
from certification.workdays.counting import Calendar, Interval

RECOUNTED = "工作日历更新，重新计算"
BATCH = 1_000


@dataclass(frozen=True)
class Move:
    """One or more deadlines of one rule that fall due on another day, or become firm or provisional.

    ``count`` deadlines share all of it; ``deadline`` is one of them where the move is of one case. ``becomes_late``:
    the obligation is open, was not late by the old day and is by the new one.
    """

    rule: Rule
    anchor_before: date
    anchor_after: date
    due_before: date
    due_after: date
    provisional_before: bool
    provisional_after: bool
    becomes_late: bool
    count: int = 1
    deadline: Deadline | None = None

    @property
    def moved(self) -> bool:
        """Whether the day is another one."""
        return self.due_before != self.due_after

    @property
    def becomes_firm(self) -> bool:
        return self.provisional_before and not self.provisional_after


@dataclass(frozen=True)
class Moves:
    """What a calendar changes: everything that moves or becomes firm, the earliest old day first."""

    rows: list[Move]

    @property
    def count(self) -> int:
        """How many deadlines fall due on another day."""
        return sum(move.count for move in self.rows if move.moved)

    @property
    def late(self) -> int:
        """How many of them become late by it."""
        return sum(move.count for move in self.rows if move.becomes_late)

    @property
    def firm(self) -> int:
        """How many provisional dates become firm."""
        return sum(move.count for move in self.rows if move.becomes_firm)


# An event of the cases gets another day ------------------------------------------------------------------------


def by_event(
    event: str, subjects: Iterable[models.Model], event_on: date, *, now: datetime, event_was: date | None = None
) -> list[Move]:
    """Which deadlines of the cases move if their ``event`` (class_start, exam_start …) falls on ``event_on``.

    ``event_was`` limits them to those that count from that day: a case may have met one that counts from another
    event of the same kind (the session that it applied for first).
    """
    rows = Deadline.objects.open().for_display().of(None, list(subjects)).order_by("pk")
    calendar = calendars.current()
    return [_move(row, _found(row, event_on, calendar), now) for row in _that_move(rows, event, event_on, event_was)]


@transaction.atomic
def move_event(
    event: str,
    subjects: Iterable[models.Model],
    event_on: date,
    *,
    now: datetime,
    actor: User,
    event_was: date | None = None,
) -> list[Move]:
    """Move them: each is closed in favour of a successor, one version higher. Returns what ``by_event`` said."""
    locking.before_counting()
    rows = stored.locked(Deadline.objects.open().of(None, list(subjects)))
    calendar = calendars.current()
    moved = _that_move(rows, event, event_on, event_was)
    found = [_found(row, event_on, calendar) for row in moved]
    moves = [_move(row, due, now) for row, due in zip(moved, found, strict=True)]
    successors = [_successor(row, due, calendar, now) for row, due in zip(moved, found, strict=True)]
    stored.write(moved, ["closed_at", "closed_reason"], ledger.MOVED, now=now, actor=actor)
    stored.create(successors, ledger.MOVED, now=now, actor=actor)
    return moves


def _that_move(rows: Iterable[Deadline], event: str, event_on: date, event_was: date | None) -> list[Deadline]:
    return [
        row
        for row in rows
        if row.anchor_on != event_on
        and event_was in (None, row.anchor_on)
        and lookup.by_id(row.rule_id).values["event"] == event
    ]


def _found(row: Deadline, event_on: date, calendar: Calendar) -> Due:
    return due_by(lookup.by_id(row.rule_id), event_on, calendar, extension_days=row.extension_days)


def _successor(old: Deadline, found: Due, calendar: Calendar, now: datetime) -> Deadline:
    new = ledger.new_row(old.subject_type_id, old.subject_id, found, now=now)
    new.responsible_id, new.institution_id, new.organiser_id = old.responsible_id, old.institution_id, old.organiser_id
    new.extension_days = old.extension_days
    new.next_reminder_on = stored.first_reminder(found, calendar)
    ledger.succeed(old, new, now=now)
    return new


def _move(row: Deadline, found: Due, now: datetime) -> Move:
    return Move(
        rule=found.rule,
        anchor_before=row.anchor_on,
        anchor_after=found.event_on,
        due_before=row.due_on,
        due_after=found.due_on,
        provisional_before=row.provisional,
        provisional_after=found.provisional,
        becomes_late=row.met_at is None and _becomes_late(row.due_on, row.provisional, found, clock.day_of(now)),
        deadline=row,
    )


def _becomes_late(due_before: date, provisional_before: bool, found: Due, today: date) -> bool:
    was_late = due_before < today and not provisional_before
    return not was_late and found.due_on < today and not found.provisional


# A calendar is published ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Open deadlines that share everything their day depends on, and what they become."""

    key: tuple
    found: Due
    count: int


@dataclass(frozen=True)
class _Paused:
    """An open deadline of a case with pauses, counted by itself."""

    row: Deadline
    pauses: list[Interval]
    found: Due


KEY = ("rule_id", "anchor_on", "due_on", "provisional", "calendar_signature", "extension_days")


def by_calendar(calendar: Calendar, *, now: datetime) -> Moves:
    """What counting every open deadline by ``calendar`` would change. Deadlines are grouped in the database by what
    their day depends on, so that the cost hardly grows with their number."""
    return _moves(_groups(calendar), _paused(calendar), now)


@transaction.atomic
def apply_calendar(calendar: Calendar, *, now: datetime, actor: User) -> Moves:
    """Count every open deadline by ``calendar``, in the transaction that publishes it; returns what
    ``by_calendar`` says at that moment. Waits for whoever is changing a deadline."""
    followers.hold_all()
    locking.before_recounting()
    groups, paused = _groups(calendar), _paused(calendar)
    moves = _moves(groups, paused, now)
    apart, written = [one.row.pk for one in paused], []
    for first in range(0, len(groups), BATCH):
        written += _write_groups(groups[first : first + BATCH], apart, calendar, clock.day_of(now))
    record_changes(Deadline, written, actor=actor, at=now, reason=RECOUNTED)
    different = [one.row for one in paused if stored.count(one.row, calendar, one.pauses, now=now)]
    stored.write(different, stored.COUNTED, RECOUNTED, now=now, actor=actor)
    followers.tell_of_all()
    AppliedCalendar.objects.update_or_create(pk=1, defaults={"signature": calendar.identity, "applied_at": now})
    return moves


def deadlines_of(move: Move):
    """The open deadlines that ``move`` is about, for the preview's detail."""
    found = Deadline.objects.unmet().filter(rule=move.rule, anchor_on=move.anchor_before, due_on=move.due_before)
    return found if move.deadline is None else found.filter(pk=move.deadline.pk)


def is_applied(calendar: Calendar) -> bool:
    """Whether the open deadlines were last counted by ``calendar``."""
    return AppliedCalendar.objects.filter(pk=1, signature=calendar.identity).exists()


def without_pauses():
    """The open deadlines of cases without a pause: those that share a group share their day."""
    return Deadline.objects.unmet().exclude(pauses.exist())


def _groups(calendar: Calendar) -> list[_Group]:
    """The groups of which anything changes, those of paused cases left out."""
    counted = (
        Deadline.objects.unmet().exclude(pauses.exist()).values_list(*KEY).annotate(count=Count("pk")).order_by(*KEY)
    )
    groups = []
    for *key, count in counted:
        rule_id, anchor_on, _due_on, _provisional, signature, extension_days = key
        found = due_by(lookup.by_id(rule_id), anchor_on, calendar, extension_days=extension_days)
        if found.signature != signature:
            groups.append(_Group(tuple(key), found, count))
    return groups


def _group_move(group: _Group, today: date) -> Move:
    _rule_id, anchor_on, due_on, provisional, _signature, _extension = group.key
    return Move(
        rule=group.found.rule,
        anchor_before=anchor_on,
        anchor_after=anchor_on,
        due_before=due_on,
        due_after=group.found.due_on,
        provisional_before=provisional,
        provisional_after=group.found.provisional,
        becomes_late=_becomes_late(due_on, provisional, group.found, today),
        count=group.count,
    )


def _paused(calendar: Calendar) -> list[_Paused]:
    """The open deadlines of cases with pauses, each with its day by ``calendar``: few, so one by one."""
    rows = list(Deadline.objects.unmet().filter(pauses.exist()).order_by("pk"))
    by_row = {pk: list(pauses.intervals(found)) for pk, found in pauses.of_rows(rows).items()}
    return [_Paused(row, by_row[row.pk], stored.due_of(row, calendar, by_row[row.pk])) for row in rows]


def _moves(groups: list[_Group], paused: list[_Paused], now: datetime) -> Moves:
    """What moves or becomes firm, the earliest old day first."""
    moves = [_group_move(group, clock.day_of(now)) for group in groups]
    moves += [_move(one.row, one.found, now) for one in paused]
    changed = [move for move in moves if move.moved or move.becomes_firm]
    return Moves(sorted(changed, key=lambda move: (move.due_before, move.rule.pk, move.anchor_before)))


def _write_groups(groups: list[_Group], apart: list[int], calendar: Calendar, today: date) -> list[int]:
    """One UPDATE for all of ``groups``; returns the ids of the rows that it wrote."""
    values = [value for group in groups for value in _group_values(group, calendar, today)]
    one = f"({', '.join(['%s'] * (len(values) // len(groups)))})"
    outside = f"AND d.id NOT IN ({', '.join(['%s'] * len(apart))})" if apart else ""
    statement = f"""
        UPDATE {connection.ops.quote_name(Deadline._meta.db_table)} AS d
           SET due_on = g.column6, provisional = g.column7, calendar_signature = g.column8,
               version = d.version + g.column9,
               next_reminder_on = CASE WHEN g.column9 = 1 THEN g.column10 ELSE d.next_reminder_on END,
               breached_at = CASE WHEN g.column11 = 1 THEN NULL ELSE d.breached_at END,
               consequence_run_at = CASE WHEN g.column11 = 1 THEN NULL ELSE d.consequence_run_at END
          FROM (VALUES {", ".join([one] * len(groups))}) AS g
         WHERE d.met_at IS NULL AND d.closed_at IS NULL
           AND d.rule_id = g.column1 AND d.anchor_on = g.column2 AND d.due_on = g.column3
           AND d.calendar_signature = g.column4 AND d.extension_days = g.column5 {outside}
     RETURNING id"""
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *apart])
        return [pk for (pk,) in cursor.fetchall()]


def _group_values(group: _Group, calendar: Calendar, today: date) -> tuple:
    rule_id, anchor_on, due_on, _provisional, signature, extension_days = group.key
    found, on = group.found, connection.ops.adapt_datefield_value
    moved = found.due_on != due_on
    no_longer_late = moved and (found.provisional or found.due_on >= today)
    return (
        rule_id,
        on(anchor_on),
        on(due_on),
        signature,
        extension_days,
        on(found.due_on),
        found.provisional,
        found.signature,
        int(moved),
        on(stored.first_reminder(found, calendar)),
        int(no_longer_late),
    )
