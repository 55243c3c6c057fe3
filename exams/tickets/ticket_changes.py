"""Which admission tickets changed after they were issued (rules 3.4): a list of differences, for whoever reprints them.

A ticket shows another time once its session moved; it holds no longer once its candidate left the session (withdrawn,
barred, refused, moved to the pool) or is not admitted any more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from certification.records.models import TransitionLog
from exams.models import Candidate, ExamSession
from exams.states import CANDIDATE, NOT_ADMITTED, CandidateState


@dataclass(frozen=True)
class TicketChange:
    """One ticket that was issued before: the candidate, whether it still holds after being printed again, and why
    not."""

    candidate: Candidate
    holds: bool
    why: str = ""


def last_move(session: ExamSession) -> TransitionLog | None:
    """The last time that the session moved; its reason says from when to when."""
    return TransitionLog.objects.about(session).filter(name="move").select_related("actor").last()


def of(session: ExamSession, move: TransitionLog | None, user) -> list[TicketChange]:
    """The tickets of the session that changed, of the candidates that ``user`` may see. Two queries."""
    rows = Candidate.objects.visible_to(user).filter(session=session).exclude(ticket_number="")
    rows = rows.select_related("application__person", "application__institution").order_by("ticket_number", "pk")
    issued = list(rows)
    detail = move.detail if move else {}
    cancelled = {int(pk): said for pk, said in detail.get("cancelled", {}).items()}
    moved = {*detail.get("changed", []), *cancelled}
    why = {}
    for pk, at, said in _why_void([row.pk for row in issued if row.state in NOT_ADMITTED]):
        # Of its own candidates the move said more than their log does.
        why[pk] = cancelled[pk] if pk in cancelled and at <= move.at else said
    return [
        TicketChange(row, row.state not in NOT_ADMITTED, why.get(row.pk, ""))
        for row in issued
        if row.state in NOT_ADMITTED or row.pk in moved
    ]


def _why_void(candidate_ids: Collection[int]) -> list[tuple[int, datetime, str]]:
    """The steps by which candidates stopped being admitted, oldest first: candidate id, when, why."""
    lines = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(Candidate),
        subject_id__in=candidate_ids,
        from_state=CandidateState.ADMITTED,
        name__in=[name for name, step in CANDIDATE.transitions.items() if step.target in NOT_ADMITTED],
    )
    steps = lines.order_by("at", "pk").values_list("subject_id", "at", "name", "reason")
    return [(pk, at, reason or CANDIDATE[name].label) for pk, at, name, reason in steps]
