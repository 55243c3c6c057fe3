"""Opening, meeting and closing deadlines, inside the transaction of the activity that calls.

Every function takes one rule and any number of cases and uses the same number of statements for one as for a
thousand. None of them decides anything: the activity does.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from certification import clock
from certification.deadlines import locking, pauses, stored
from certification.deadlines.due import Due, deadline_rule, due_by
from certification.deadlines.models import Deadline
from certification.organisations.models import Organisation, User
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.workdays import calendars

# One value for all cases, or a function from the case to its value.
PerCase = Callable[[models.Model], object]
MET = ("met_at", "met_by", "met_late")
MOVED = "起算日期变更"


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
    rule = deadline_rule(rule_code, edition or lookup.edition_on(clock.day_of(now)))
    locking.before_counting()
    calendar = calendars.current()
    before = {row.subject_id: row for row in stored.locked(Deadline.objects.open().of(rule_code, subjects))}
    stopped = pauses.of(rule, subjects)
    opened, closed, kept = [], [], {}
    for subject in subjects:
        event, old = _of(subject, event_on), before.get(subject.pk)
        if old is not None and old.anchor_on == event:
            kept[subject.pk] = old
            continue
        found = due_by(rule, event, calendar, pauses=list(pauses.intervals(stopped[subject.pk])))
        new = new_row(ContentType.objects.get_for_model(subject).pk, subject.pk, found, now=now)
        new.next_reminder_on = stored.first_reminder(found, calendar)
        new.paused_on = pauses.standing_since(stopped[subject.pk])
        new.responsible, new.institution, new.organiser = (
            _of(subject, who) for who in (responsible, institution, organiser)
        )
        if old is not None:
            succeed(old, new, now=now)
            closed.append(old)
        opened.append(new)
    stored.write(closed, ["closed_at", "closed_reason"], MOVED, now=now)
    stored.create(opened, rule.title, now=now)
    kept.update((row.subject_id, row) for row in opened)
    return [kept[subject.pk] for subject in subjects]


@transaction.atomic(savepoint=False)
def meet(rule_code: str, subjects: Iterable[models.Model], *, now: datetime, actor: User) -> list[Deadline]:
    """Note that the obligation was met at ``now`` for every case that has it open and unmet; returns those.

    A deadline that passed is met late; what was met before keeps its time.
    """
    rows = stored.locked(Deadline.objects.unmet().of(rule_code, list(subjects)))
    for row in rows:
        row.met_late = row.is_late_at(now)
        row.met_at, row.met_by = now, actor
    stored.write(rows, MET, "办结", now=now, actor=actor)
    return rows


@transaction.atomic
def unmeet(rule_code: str, subjects: Iterable[models.Model], *, now: datetime, reason: str) -> list[Deadline]:
    """Open again what was met, because it came back to whoever is responsible, who has to act again by the same day.
    Where that day has passed, what was met stays met. Returns the deadlines opened again."""
    met = stored.locked(Deadline.objects.open().filter(met_at__isnull=False).of(rule_code, list(subjects)))
    rows = [row for row in met if not row.is_late_at(now)]
    for row in rows:
        row.met_at = row.met_by = row.met_late = None
        row.reopened_at = now
    stored.write(rows, [*MET, "reopened_at"], reason, now=now)
    return rows


@transaction.atomic
def hand_over(deadline: Deadline, *, to: Organisation, now: datetime, reason: str) -> None:
    """From now on ``to`` is responsible for what was not done under ``deadline``: board and figures count it there
    (rules 2.11); history keeps who was before."""
    rows = stored.locked(Deadline.objects.open().filter(pk=deadline.pk))
    for row in rows:
        row.responsible = to
    stored.write(rows, ["responsible"], reason, now=now)


@transaction.atomic
def close(rule_code: str | None, subjects: Iterable[models.Model], *, now: datetime, reason: str) -> list[Deadline]:
    """End the deadlines of the cases because there is nothing to wait for any more (withdrawn, refused, moved to
    the pool); ``rule_code`` None ends those of every rule. What was met stays on record as met."""
    rows = stored.locked(Deadline.objects.open().of(rule_code, list(subjects)))
    for row in rows:
        row.closed_at, row.closed_reason = now, reason[:120]
    stored.write(rows, ["closed_at", "closed_reason"], reason, now=now)
    return rows


def find(rule_code: str, subject: models.Model) -> Deadline | None:
    """The open (met or unmet, not closed) deadline of one case, or None."""
    return find_all(rule_code, [subject]).get(subject.pk)


def find_all(rule_code: str, subjects: Sequence[models.Model]) -> dict[int, Deadline]:
    """The open deadline of each case that has one: case id → deadline, in one query."""
    found = Deadline.objects.open().for_display().of(rule_code, list(subjects))
    return {row.subject_id: row for row in found.order_by("pk")}


def new_row(subject_type_id: int, subject_id: int, found: Due, *, now: datetime) -> Deadline:
    """A deadline due as ``found`` says, not saved."""
    return Deadline(
        rule=found.rule,
        subject_type_id=subject_type_id,
        subject_id=subject_id,
        anchor_on=found.event_on,
        due_on=found.due_on,
        provisional=found.provisional,
        calendar_signature=found.signature,
        opened_at=now,
    )


def succeed(old: Deadline, new: Deadline, *, now: datetime) -> None:
    """Close ``old`` in favour of ``new``: later versions keep what was met and when the obligation arose. Whoever
    was in time under the old date stays so."""
    old.closed_at, old.closed_reason = now, MOVED
    new.version = old.version + 1
    new.opened_at, new.reopened_at = old.opened_at, old.reopened_at
    if old.met_at is not None:
        new.met_at, new.met_by, new.met_late = old.met_at, old.met_by, old.met_late
        new.late_admission_id = old.late_admission_id


def _of(subject: models.Model, value):
    return value(subject) if callable(value) else value
