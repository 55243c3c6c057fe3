"""The sweep: marks what is overdue and runs what follows from it.

It asks for what was due on or before yesterday and is not done, never for what is due on one exact day: a missed
run is caught up by the next. Two sweeps at once take different rows. Provisional dates are never marked.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from certification import clock
from certification.deadlines import admissions, consequences, moving
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.records.history import acting_as, record_changes
from certification.records.models import TransitionLog
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import full_day

logger = logging.getLogger(__name__)

BATCH = 500
BREACHED = "时限届满未办结"
FOLLOWED_UP = "逾期后果已执行"


@dataclass
class Swept:
    """What a run did: numbers of deadlines recounted, marked as breached, followed up, and failed (tried again by
    the next run), with the ids of the failed."""

    recounted: int = 0
    breached: int = 0
    followed_up: int = 0
    failed: list[int] = field(default_factory=list)


def sweep(*, now: datetime) -> Swept:
    """Recount provisional dates, mark what is overdue at ``now``, run the registered consequences.

    Not an activity of one transaction: each batch and each case commits for itself, so that a run that is killed
    keeps what it did and a case that fails holds up no other.
    """
    system = User.objects.system()
    swept = Swept()
    with acting_as(system):
        swept.recounted = _recount(now, system)
        while marked := _mark_batch(now, system):
            swept.breached += marked
        while _note_batch_without_consequence(now, system):
            pass
        for deadline_id in _awaiting_consequence(now):
            _follow_up(deadline_id, now, system, swept)
    return swept


def _recount(now: datetime, system: User) -> int:
    """Count again if a calendar was published outside the application; returns how many deadlines moved."""
    calendar = calendars.current()
    return 0 if moving.is_applied(calendar) else moving.apply_calendar(calendar, now=now, actor=system).count


@transaction.atomic
def _mark_batch(now: datetime, system: User) -> int:
    """Mark the next rows that are overdue and that no other sweep holds; returns how many."""
    rows = list(
        Deadline.objects.overdue(clock.day_of(now))
        .filter(breached_at__isnull=True)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_on", "pk")
        .values_list("pk", "subject_type_id", "subject_id", "rule_id", "due_on")[:BATCH]
    )
    if rows:
        ids = [pk for pk, *_case in rows]
        Deadline.objects.filter(pk__in=ids).update(breached_at=now)
        record_changes(Deadline, ids, actor=system, at=now, reason=BREACHED)
        _log(rows, now, system)
    return len(rows)


def _log(rows: list[tuple], now: datetime, system: User) -> None:
    """One line on each case: which obligation was not met by which day."""
    TransitionLog.objects.bulk_create(
        TransitionLog(
            subject_type_id=subject_type,
            subject_id=subject,
            name="deadline_breached",
            actor=system,
            at=now,
            reason=f"{lookup.by_id(rule)}：{full_day(due_on)} 24:00 前未办结",
        )
        for _pk, subject_type, subject, rule, due_on in rows
    )


def _awaiting_consequence(now: datetime) -> list[int]:
    """Breached deadlines whose consequence has not run; those that a late admission lets pass wait until it ends."""
    rows = admissions.exclude_admitted(_not_followed_up(), now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _not_followed_up():
    return Deadline.objects.filter(breached_at__isnull=False, consequence_run_at__isnull=True)


@transaction.atomic
def _note_batch_without_consequence(now: datetime, system: User) -> int:
    """Where nothing is registered for a rule there is nothing to do case by case; returns how many were noted."""
    rows = _not_followed_up().exclude(rule__code__in=consequences.rules())
    rows = rows.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", flat=True)
    ids = list(rows[:BATCH])
    if ids:
        Deadline.objects.filter(pk__in=ids).update(consequence_run_at=now)
        record_changes(Deadline, ids, actor=system, at=now, reason=FOLLOWED_UP)
    return len(ids)


def _follow_up(deadline_id: int, now: datetime, system: User, swept: Swept) -> None:
    try:
        swept.followed_up += _run_consequence(deadline_id, now, system)
    except Exception:
        # One case that cannot be followed up must not hold up the others; the next run tries it again.
        logger.exception("consequence of deadline %s failed", deadline_id)
        swept.failed.append(deadline_id)


@transaction.atomic
def _run_consequence(deadline_id: int, now: datetime, system: User) -> int:
    """Run what is registered for one breached deadline and store that it ran, in one transaction; 1 if it ran.

    The case is locked before its deadline, as activities do it, so that the two never wait for each other.
    """
    waiting = Deadline.objects.filter(pk=deadline_id, consequence_run_at__isnull=True)
    row = waiting.first()
    if row is None:
        return 0
    _lock_case(row)
    row = waiting.select_related("rule", "responsible").select_for_update(of=("self",), skip_locked=True).first()
    if row is None:
        return 0
    if row.met_at is None and row.closed_at is None:
        for consequence in consequences.of(row.rule.code):
            consequence(row, now)
    _store_run(deadline_id, now, system)
    return 1


def _lock_case(row: Deadline) -> None:
    model = row.subject_type.model_class()
    list(model._base_manager.filter(pk=row.subject_id).select_for_update(of=("self",)))


def _store_run(deadline_id: int, now: datetime, system: User) -> None:
    """Read again before writing: the consequence may itself have closed the deadline."""
    row = Deadline.objects.get(pk=deadline_id)
    row.consequence_run_at = now
    bulk_update_with_history(
        [row],
        Deadline,
        ["consequence_run_at"],
        default_user=system,
        default_change_reason=FOLLOWED_UP,
        default_date=now,
    )
