"""Which admission tickets changed when a session last moved (rules 3.4): a list of differences, for whoever reprints
them."""

from dataclasses import dataclass

from certification.records.models import TransitionLog
from exams.models import Candidate, ExamSession


@dataclass(frozen=True)
class TicketChange:
    """One ticket that was issued before: the candidate, whether it still holds after being printed again, and why
    not."""

    candidate: Candidate
    holds: bool
    why: str


def last_move(session: ExamSession) -> TransitionLog | None:
    """The last time that the session moved; its reason says from when to when."""
    return TransitionLog.objects.about(session).filter(name="move").select_related("actor").last()


def of(session: ExamSession, move: TransitionLog | None, user) -> list[TicketChange]:
    """The tickets that the last move changed, of the candidates that ``user`` may see. One query."""
    if move is None:
        return []
    changed = set(move.detail.get("changed", []))
    cancelled = {int(pk): why for pk, why in move.detail.get("cancelled", {}).items()}
    rows = Candidate.objects.visible_to(user).filter(session=session, pk__in=[*changed, *cancelled])
    rows = rows.select_related("application__person", "application__institution").order_by("ticket_number", "pk")
    return [TicketChange(row, row.pk in changed, cancelled.get(row.pk, "")) for row in rows]
