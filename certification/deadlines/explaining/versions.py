"""Every due date that an obligation has had: old and new, since when, why (rules 2.1)."""

from dataclasses import dataclass
from datetime import date, datetime

from certification.deadlines.models import Deadline


@dataclass(frozen=True)
class Version:
    """One due date of the obligation: what it was counted from, in force from ``since`` on, and what changed it.

    ``before`` is the due date that it followed, None for the first.
    """

    anchor_on: date
    due_on: date
    provisional: bool
    since: datetime
    reason: str
    by: str
    before: date | None = None

    @property
    def moved_days(self) -> int:
        """By how many calendar days it moved; negative: earlier."""
        return (self.due_on - self.before).days if self.before else 0


def versions(deadline: Deadline) -> list[Version]:
    """The due dates of the obligation in their order, those of its predecessors (another event day) included.

    Read from the history of the rows, so that nothing that once held is lost; two queries.
    """
    rows = Deadline.objects.filter(
        subject_type=deadline.subject_type_id,
        subject_id=deadline.subject_id,
        rule__code=deadline.rule.code,
        opened_at__lte=deadline.opened_at,
        # A successor keeps when the obligation arose, and comes later in the table.
        pk__lte=deadline.pk,
    ).values_list("pk", flat=True)
    history = (
        Deadline.history.filter(id__in=list(rows))
        .select_related("history_user__person")
        .order_by("history_date", "history_id")
    )
    found: list[Version] = []
    for record in history:
        if not found or _differs(found[-1], record):
            found.append(_version(record, found[-1].due_on if found else None))
    return found


def _differs(version: Version, record) -> bool:
    # Closing a row for its successor is written again with the row's old dates.
    if record.closed_at is not None:
        return False
    new = (record.anchor_on, record.due_on, record.provisional)
    return new != (version.anchor_on, version.due_on, version.provisional)


def _version(record, before: date | None) -> Version:
    user = record.history_user
    reason = record.history_change_reason or ""
    return Version(
        anchor_on=record.anchor_on,
        due_on=record.due_on,
        provisional=record.provisional,
        since=record.history_date,
        reason="产生" if before is None else _reason(record, reason),
        by=user.get_full_name() if user and not user.is_system else "",
        before=before,
    )


def _reason(record, reason: str) -> str:
    """A successor is born with its rule's name as reason: what happened is that the event moved."""
    return "起算日期变更" if record.history_type == "+" else reason
