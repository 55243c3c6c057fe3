"""The sweep: reminds, marks what is overdue, and runs what follows from it.

It asks for what was due on or before yesterday and is not done, never for what is due on one exact day: a missed
run is caught up by the next. Two sweeps at once take different rows. Provisional dates are never marked.

What a missed deadline brings about may close it, and the tier above is to hear of it all the same: reminders come
first, and no consequence runs before its breach was told.
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, DateTimeField, Q, Value, When

from certification import clock
from certification.deadlines import consequences, moving
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline
from certification.deadlines.models.deadlines import UNMET
from certification.deadlines.reminding.reminders import remind
from certification.organisations.models import User
from certification.records import bulk
from certification.records.history import acting_as, record_changes
from certification.records.models import TransitionLog
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import full_day

logger = logging.getLogger(__name__)

BATCH = 1_000
BREACHED = "时限届满未办结"
FOLLOWED_UP = "逾期后果已执行"


@dataclass
class Swept:
    """What a run did: reminders sent, deadlines recounted, marked as breached, followed up, and the ids of those that
    failed (tried again by the next run)."""

    reminded: int = 0
    recounted: int = 0
    breached: int = 0
    followed_up: int = 0
    failed: list[int] = field(default_factory=list)


def sweep(*, now: datetime) -> Swept:
    """Recount provisional dates, remind, mark what is overdue at ``now``, run the registered consequences.

    Not an activity of one transaction: each batch and each case commits for itself, so that a run that is killed
    keeps what it did and a case that fails holds up no other.
    """
    system = User.objects.system()
    swept = Swept()
    with acting_as(system):
        swept.recounted = _recount(now, system)
        swept.reminded = remind(now=now).sent
        swept.breached = _mark(now, system)
        for deadline_id in _awaiting_consequence(now):
            _follow_up(deadline_id, now, system, swept)
    return swept


def _recount(now: datetime, system: User) -> int:
    """Count again if a calendar was published outside the application; returns how many deadlines moved."""
    calendar = calendars.current()
    return 0 if moving.is_applied(calendar) else moving.apply_calendar(calendar, now=now, actor=system).count


def _mark(now: datetime, system: User) -> int:
    """Mark everything that is overdue and that no other sweep holds; returns how many. An idle run is one query."""
    marked = 0
    while number := _mark_batch(now, system):
        marked += number
        if number < BATCH:
            break
    return marked


@transaction.atomic
def _mark_batch(now: datetime, system: User) -> int:
    """Mark the next rows that are overdue and that no other sweep holds; returns how many. Where nothing is
    registered for a rule there is nothing to do case by case: its consequence is noted at once."""
    rows = list(
        Deadline.objects.overdue(clock.day_of(now))
        .filter(breached_at__isnull=True)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_on", "pk")
        .values_list("pk", "rule_id", "due_on")[:BATCH]
    )
    if rows:
        ids = [pk for pk, _rule, _due_on in rows]
        without = ~Q(rule__in=_with_consequence({rule for _pk, rule, _due_on in rows}))
        noted = Case(When(without, then=Value(now)), output_field=DateTimeField())
        Deadline.objects.filter(pk__in=ids).update(breached_at=now, consequence_run_at=noted)
        record_changes(Deadline, ids, actor=system, at=now, reason=BREACHED)
        _log(rows, now, system)
    return len(rows)


def _with_consequence(rules: set[int]) -> list[int]:
    """Of these rules (ids), those for which something is registered."""
    registered = consequences.rules()
    return [pk for pk in rules if lookup.by_id(pk).code in registered]


def _log(rows: list[tuple[int, int, date]], now: datetime, system: User) -> None:
    """One line on each case: which obligation was not met by which day."""
    reasons = {
        (rule, due_on): f"{lookup.by_id(rule)}：{full_day(due_on)} 24:00 前未办结"
        for rule, due_on in {(rule, due_on) for _pk, rule, due_on in rows}
    }
    lines = [(pk, reasons[rule, due_on]) for pk, rule, due_on in rows]
    TransitionLog.note_of(Deadline, lines, name="deadline_breached", actor=system, at=now)


def _awaiting_consequence(now: datetime) -> list[int]:
    """Breached deadlines whose consequence has not run; those that a late admission lets pass wait until it ends,
    those of which somebody is still to be told for the next run."""
    untold = UNMET & Q(next_reminder_on__lte=clock.day_of(now))
    rows = Deadline.objects.filter(breached_at__isnull=False, consequence_run_at__isnull=True).exclude(untold)
    rows = admissions.exclude_admitted(rows, now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


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
    bulk.change([row], ["consequence_run_at"], actor=system, at=now, reason=FOLLOWED_UP)
