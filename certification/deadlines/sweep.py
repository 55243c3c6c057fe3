"""The sweep: marks what is overdue and runs what follows from it.

It asks for what was due on or before yesterday and is not done, never for what is due on one exact day: a missed
run is caught up by the next. Two sweeps at once take different rows. Provisional dates are never marked.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from certification.clock import SHANGHAI
from certification.deadlines import consequences, ledger
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.records.history import acting_as

logger = logging.getLogger(__name__)

BATCH = 500


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
        swept.recounted = len(ledger.recompute(now))
        while marked := _mark_batch(now, system):
            swept.breached += marked
        for deadline_id in _awaiting_consequence():
            _follow_up(deadline_id, now, system, swept)
    return swept


@transaction.atomic
def _mark_batch(now: datetime, system: User) -> int:
    """Mark the next rows that are overdue and that no other sweep holds; returns how many."""
    today = timezone.localdate(now, SHANGHAI)
    rows = list(
        Deadline.objects.overdue(today)
        .filter(breached_at__isnull=True)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("due_on", "pk")[:BATCH]
    )
    for row in rows:
        row.breached_at = now
    if rows:
        bulk_update_with_history(
            rows,
            Deadline,
            ["breached_at"],
            default_user=system,
            default_change_reason="时限届满未办结",
            default_date=now,
        )
    return len(rows)


def _awaiting_consequence() -> list[int]:
    rows = Deadline.objects.filter(breached_at__isnull=False, consequence_run_at__isnull=True)
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
    bulk_update_with_history(
        [row],
        Deadline,
        ["consequence_run_at"],
        default_user=system,
        default_change_reason="逾期后果已执行",
        default_date=now,
    )
