"""Which admission tickets changed after they were issued (rules 3.4): a list of differences, for whoever reprints them.

A ticket shows another time once its session moved, another seat once its candidate was seated elsewhere, in the same
site or another; it holds no longer once its candidate left the session (withdrawn, barred, refused, moved to the pool)
or is not admitted any more.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from certification.records import bulk
from certification.records.models import TransitionLog
from exams.models import Candidate, ExamSession, Part, Seat
from exams.states import CANDIDATE, NOT_ADMITTED, CandidateState


@dataclass(frozen=True)
class TicketChange:
    """One ticket that was issued before: the candidate, whether it still holds after being printed again, and what
    changed, or why it is void."""

    candidate: Candidate
    holds: bool
    why: str = ""


def last_move(session: ExamSession) -> TransitionLog | None:
    """The last time that the session moved; its reason says from when to when."""
    return TransitionLog.objects.about(session).filter(name="move").select_related("actor").last()


def of(session: ExamSession, move: TransitionLog | None, user) -> list[TicketChange]:
    """The tickets of the session that changed, of the candidates that ``user`` may see. Four queries."""
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
    reseated = _reseated([row.pk for row in issued if row.state not in NOT_ADMITTED])
    changes = []
    for row in issued:
        if row.state in NOT_ADMITTED:
            changes.append(TicketChange(row, False, why.get(row.pk, "")))
        elif said := [*(["时间变更"] if row.pk in moved else []), *reseated.get(row.pk, [])]:
            changes.append(TicketChange(row, True, "；".join(said)))
    return changes


def _reseated(candidate_ids: Collection[int]) -> dict[int, list[str]]:
    """Whose seat is another than the one before it, by hand or because the first was freed: candidate id → in words,
    part by part. Two queries."""
    history = Seat.history.model.objects
    again = bulk.among(history.exclude(history_type="+"), "candidate", list(candidate_ids))
    rows = history.filter(candidate__in=set(again.values_list("candidate_id", flat=True)))
    places: dict[tuple[int, str], list[tuple[int, int, str, str]]] = defaultdict(list)
    columns = ("candidate_id", "part__part", "use_id", "number", "use__room__name", "use__room__site__name")
    for candidate_id, part, *place in rows.order_by("history_date", "history_id").values_list(*columns):
        if places[candidate_id, part][-1:] != [tuple(place)]:
            places[candidate_id, part].append(tuple(place))
    said: dict[int, list[str]] = defaultdict(list)
    for (candidate_id, part), passed in sorted(places.items()):
        if len(passed) > 1:
            before, after = _in_words(*passed[-2:])
            said[candidate_id].append(f"{Part(part).label}座位变更：{before} → {after}")
    return said


def _in_words(before: tuple, after: tuple) -> list[str]:
    """Both places, with the sites where these differ."""
    apart = before[3] != after[3] and before[3] is not None
    return [
        f"{site + ' ' if apart else ''}{room or '原考场'}{number}号" for _use, number, room, site in (before, after)
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
