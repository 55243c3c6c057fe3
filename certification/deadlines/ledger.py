"""Opening, meeting and closing deadlines, inside the transaction of the activity that calls.

Every function takes one rule and any number of cases and uses the same number of statements for one as for a
thousand. None of them decides anything: the activity does.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from django.db import models, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from certification.clock import SHANGHAI
from certification.deadlines.due import Due, deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, User
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays import calendars

# One value for all cases, or a function from the case to its value.
PerCase = Callable[[models.Model], object]
BATCH = 500


def open_deadline(
    rule_code: str,
    subject: models.Model,
    *,
    event_on: date,
    responsible: Organisation,
    institution: Organisation | None = None,
    organiser: Organisation | None = None,
    now: datetime,
    edition: RuleEdition | None = None,
) -> Deadline:
    """``open_deadlines`` for one case."""
    (opened,) = open_deadlines(
        rule_code,
        [subject],
        event_on=event_on,
        responsible=responsible,
        institution=institution,
        organiser=organiser,
        now=now,
        edition=edition,
    )
    return opened


@transaction.atomic
def open_deadlines(
    rule_code: str,
    subjects: Iterable[models.Model],
    *,
    event_on: date | PerCase,
    responsible: Organisation | PerCase,
    institution: Organisation | None | PerCase = None,
    organiser: Organisation | None | PerCase = None,
    now: datetime,
    edition: RuleEdition | None = None,
) -> list[Deadline]:
    """Open the deadline of ``rule_code`` for every case, in their order; returns one deadline per case.

    ``event_on`` and the organisations are one value for all or a function of the case. ``edition`` is the rule
    edition that the cases began under, by default the one in force at ``now``. A case that has the deadline open
    with the same event day keeps it; with another event day the old one is closed and its successor opened, one
    version higher, and what was met stays met.
    """
    subjects = list(subjects)
    rule = deadline_rule(rule_code, edition or lookup.edition_on(timezone.localdate(now, SHANGHAI)))
    calendar = calendars.current()
    before = {row.subject_id: row for row in _locked(Deadline.objects.open().of(rule_code, subjects))}
    opened, closed, kept = [], [], {}
    for subject in subjects:
        found = due_by(rule, _of(subject, event_on), calendar)
        old = before.get(subject.pk)
        if old is not None and old.anchor_on == found.event_on:
            kept[subject.pk] = old
            continue
        new = _new(subject, found, now=now)
        new.responsible, new.institution, new.organiser = (
            _of(subject, who) for who in (responsible, institution, organiser)
        )
        if old is not None:
            _succeed(old, new, now=now)
            closed.append(old)
        opened.append(new)
    _write(closed, ["closed_at", "closed_reason"], "起算日期变更", now=now)
    if opened:
        bulk_create_with_history(opened, Deadline, default_date=now, default_change_reason=rule.title[:100])
    kept.update((row.subject_id, row) for row in opened)
    return [kept[subject.pk] for subject in subjects]


@transaction.atomic
def meet(rule_code: str, subjects: Iterable[models.Model], *, now: datetime, actor: User) -> list[Deadline]:
    """Note that the obligation was met at ``now`` for every case that has it open and unmet; returns those.

    A deadline that passed is met late; what was met before keeps its time.
    """
    rows = _locked(Deadline.objects.unmet().of(rule_code, list(subjects)))
    for row in rows:
        row.met_at, row.met_by = now, actor
    _write(rows, ["met_at", "met_by"], "办结", now=now, actor=actor)
    return rows


@transaction.atomic
def unmeet(rule_code: str, subjects: Iterable[models.Model], *, now: datetime, reason: str) -> list[Deadline]:
    """Open again what was met, because it came back to whoever is responsible, who has to act again by the same day.
    Where that day has passed, what was met stays met. Returns the deadlines opened again."""
    met = _locked(Deadline.objects.open().filter(met_at__isnull=False).of(rule_code, list(subjects)))
    rows = [row for row in met if row.provisional or now < row.ends_at]
    for row in rows:
        row.met_at = row.met_by = None
    _write(rows, ["met_at", "met_by"], reason, now=now)
    return rows


@transaction.atomic
def close(rule_code: str | None, subjects: Iterable[models.Model], *, now: datetime, reason: str) -> list[Deadline]:
    """End the deadlines of the cases because there is nothing to wait for any more (withdrawn, refused, moved to
    the pool); ``rule_code`` None ends those of every rule. What was met stays on record as met."""
    rows = _locked(Deadline.objects.open().of(rule_code, list(subjects)))
    for row in rows:
        row.closed_at, row.closed_reason = now, reason[:120]
    _write(rows, ["closed_at", "closed_reason"], reason, now=now)
    return rows


def find(rule_code: str, subject: models.Model) -> Deadline | None:
    """The open (met or unmet, not closed) deadline of one case, or None."""
    return find_all(rule_code, [subject]).get(subject.pk)


def find_all(rule_code: str, subjects: Sequence[models.Model]) -> dict[int, Deadline]:
    """The open deadline of each case that has one: case id → deadline, in one query."""
    found = Deadline.objects.open().for_display().of(rule_code, list(subjects))
    return {row.subject_id: row for row in found.order_by("pk")}


def recompute(now: datetime) -> list[Deadline]:
    """Count provisional deadlines again by the calendar as it is now; returns those whose date moved or became
    firm. Runs in batches, may run at any time and twice; rows that an activity holds are left to the next run."""
    calendar = calendars.current()
    changed: list[Deadline] = []
    last = 0
    while batch := _provisional_after(last):
        last = batch[-1]
        with transaction.atomic():
            rows = _unheld(Deadline.objects.unmet().filter(pk__in=batch, provisional=True))
            moved = [row for row in rows if _recounted(row, calendar)]
            fields = ["due_on", "provisional", "calendar_signature", "version"]
            _write(moved, fields, "工作日历更新，重新计算", now=now)
        changed += moved
    return changed


def _provisional_after(last: int) -> list[int]:
    rows = Deadline.objects.unmet().filter(provisional=True, pk__gt=last).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _recounted(row: Deadline, calendar) -> bool:
    """Set the row's date by ``calendar``; whether anything changed."""
    found = due_by(lookup.by_id(row.rule_id), row.anchor_on, calendar)
    if found.signature == row.calendar_signature:
        return False
    row.version += found.due_on != row.due_on
    row.due_on, row.provisional, row.calendar_signature = found.due_on, found.provisional, found.signature
    return True


def _new(subject: models.Model, found: Due, *, now: datetime) -> Deadline:
    return Deadline(
        rule=found.rule,
        subject=subject,
        anchor_on=found.event_on,
        due_on=found.due_on,
        provisional=found.provisional,
        calendar_signature=found.signature,
        opened_at=now,
    )


def _succeed(old: Deadline, new: Deadline, *, now: datetime) -> None:
    """Close ``old`` in favour of ``new``: later versions keep what was met and when the obligation arose."""
    old.closed_at, old.closed_reason = now, "起算日期变更"
    new.version = old.version + 1
    if old.met_at is not None:
        new.opened_at, new.met_at, new.met_by = old.opened_at, old.met_at, old.met_by


def _locked(queryset) -> list[Deadline]:
    return list(queryset.select_for_update(of=("self",)).order_by("pk"))


def _unheld(queryset) -> list[Deadline]:
    """Locked rows, without waiting for those that others hold: waiting for cases out of order would deadlock."""
    return list(queryset.select_for_update(of=("self",), skip_locked=True).order_by("pk"))


def _write(rows: list[Deadline], fields: list[str], reason: str, *, now: datetime, actor: User | None = None) -> None:
    if rows:
        bulk_update_with_history(
            rows, Deadline, fields, default_user=actor, default_change_reason=reason[:100], default_date=now
        )


def _of(subject: models.Model, value):
    return value(subject) if callable(value) else value
