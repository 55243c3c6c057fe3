"""取消场次: an announced session is not held (rules 2.2); first what that does, then the same for real.

Everybody in it goes to the pool with materials and reviews kept; drafts that named it choose another. Rooms, staff and
seats are free again, tickets no longer hold, what hung on the exam day ends, and the exam plan follows.
"""

from dataclasses import dataclass
from datetime import date

from certification.deadlines import ledger, move_preview, moving
from certification.deadlines.models import Deadline
from certification.deadlines.move_preview import Ending, Line
from certification.deadlines.moving import Move
from certification.organisations import access
from certification.records import bulk
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, apply_one, log
from exams.applications import obligations
from exams.models import Candidate, ExamApplication, ExamPlanItem, ExamSession, RoomUse, SessionPart, StaffAssignment
from exams.plans import amending
from exams.plans.planning import OPEN_TO_ORGANISER
from exams.sessions import changed_notices, rebooking
from exams.sessions.listing import leave_session
from exams.sessions.moving import CHANGE, EVENT, may_change, people_of
from exams.states import FILED_PLANS, SESSION, CandidateState

REASON = "场次取消"


@dataclass(frozen=True)
class Preview:
    """What cancelling ``session`` would do. ``fingerprint`` names exactly this: cancelling asks for it.

    ``ending`` are the deadlines that end, met or not; ``moves`` those of an exam plan whose first session another
    one becomes. The exam plan is given up where ``session`` is its last (``plan_ends``).
    """

    session: ExamSession
    candidates: list[Candidate]
    drafts: list[ExamApplication]
    rooms: list[RoomUse]
    staff: list[StaffAssignment]
    item: ExamPlanItem | None
    plan_starts_on: date | None
    ending: list[Deadline]
    moves: list[Move]
    fingerprint: str

    @property
    def endings(self) -> list[Ending]:
        """What is still to be done and ends, by tier."""
        return move_preview.endings_of(self.ending)

    @property
    def lines(self) -> list[Line]:
        """The deadlines of the exam plan that move."""
        return move_preview.lines_of(self.moves)

    @property
    def late(self) -> int:
        """How many deadlines become late."""
        return move_preview.late(self.moves)

    @property
    def tickets(self) -> int:
        """How many admission tickets no longer hold."""
        return sum(row.state == CandidateState.ADMITTED for row in self.candidates)

    @property
    def retakes(self) -> int:
        """How many of them sit again and wait for another session to do so."""
        return sum(row.retake for row in self.candidates)

    @property
    def institutions(self) -> int:
        """How many institutions it concerns."""
        found = {row.application.institution_id for row in self.candidates}
        return len(found | {row.institution_id for row in self.drafts})

    @property
    def amends(self) -> bool:
        """Whether it makes a new version of a filed exam plan."""
        return self.item is not None and self.item.plan.state in FILED_PLANS


@dataclass(frozen=True)
class Cancelled:
    """What was done: the session, who left it, which deadlines ended, which moved."""

    session: ExamSession
    left: list[Candidate]
    ended: list[Deadline]
    moves: list[Move]


def preview(session: ExamSession, *, now) -> Preview:
    """What cancelling ``session`` at ``now`` would do; changes nothing. Raises WrongState once it was held."""
    return _foreseen(session, amending.item_of(session), locked=False, now=now)


@activity
def cancel_session(*, actor, now, session_id: int, reason: str, fingerprint: str) -> Cancelled:
    """Cancel a session before it is held, with a reason, and tell those affected.

    The organiser's exam officer alone (rules 4a). Raises NotPermitted, Incomplete without a reason, WrongState once
    it was held or cancelled, and where what would happen now is not what ``fingerprint`` was confirmed for.
    """
    access.require(actor, CHANGE)
    reason = reason.strip()
    if not reason:
        raise Incomplete([Problem("请填写取消原因。", code="required", field="reason")])
    session, item = amending.lock_with_plan(actor, session_id)
    foreseen = _foreseen(session, item, locked=True, now=now)
    move_preview.require_as_foreseen(foreseen.fingerprint, fingerprint)
    detail = {"candidates": len(foreseen.candidates), "tickets": foreseen.tickets, "drafts": len(foreseen.drafts)}
    apply_one(SESSION, "cancel", session, actor=actor, now=now, reason=reason, detail=detail)
    leave_session("move", foreseen.candidates, actor=actor, now=now, reason=f"{REASON}：{reason}"[:100])
    _free_drafts(foreseen.drafts, session, actor=actor, now=now)
    rebooking.end_duties(foreseen.staff, REASON, actor=actor, now=now)
    rebooking.end_uses(foreseen.rooms, REASON, actor=actor, now=now)
    moves = _settle_plan(foreseen, reason, actor=actor, now=now)
    changed_notices.tell_cancelled(
        session,
        foreseen.candidates,
        foreseen.drafts,
        foreseen.ending,
        foreseen.staff,
        reason,
        actor=actor,
        now=now,
    )
    ended = list(Deadline.objects.filter(pk__in=[row.pk for row in foreseen.ending], closed_at__isnull=False))
    return Cancelled(session, foreseen.candidates, ended, moves)


def _foreseen(session: ExamSession, item: ExamPlanItem | None, *, locked: bool, now) -> Preview:
    if not may_change(session):
        raise WrongState(f"场次{session.number}当前状态为“{session.get_state_display()}”，不能取消。")
    candidates, drafts = people_of(session, locked=locked)
    parts = list(SessionPart.objects.filter(session=session).values_list("pk", flat=True))
    rooms = list(RoomUse.objects.in_force().filter(part__in=parts).select_related("room").order_by("pk"))
    staff = list(rebooking.serving(parts))
    day = amending.first_day(item.plan, besides=session) if item else None
    ending = _ending(candidates, drafts, item if day is None else None)
    moves = moving.by_event(EVENT, [item.plan], day, now=now) if day else []
    facts = [
        session.pk,
        session.state,
        [(row.pk, row.state) for row in candidates],
        *([row.pk for row in rows] for rows in (drafts, rooms, staff)),
        [(row.pk, row.due_on, row.met_at) for row in ending],
        (item.plan_id, item.plan.state, item.plan.version) if item else (),
    ]
    fingerprint = move_preview.fingerprint(moves, facts)
    return Preview(session, candidates, drafts, rooms, staff, item, day, ending, moves, fingerprint)


def _ending(candidates: list[Candidate], drafts: list[ExamApplication], item: ExamPlanItem | None) -> list[Deadline]:
    """The open deadlines that hang on this exam alone."""
    rows = Deadline.objects.open().for_display().order_by("pk")
    found = list(
        rows.of(None, [row.application for row in candidates]).filter(rule__code__in=obligations.ANCHORED_TO_EXAM)
    )
    found += rows.of(obligations.MATERIALS_INITIAL, drafts)
    if item:
        found += rows.of(None, [item.plan])
    return found


def _free_drafts(drafts: list[ExamApplication], session: ExamSession, *, actor, now) -> None:
    """What was not submitted names no session any more; everything in it is kept."""
    for row in drafts:
        row.wished_session = None
    if drafts:
        bulk.change(drafts, ["wished_session"], actor=actor, at=now, reason=REASON)
    log(drafts, "session_cancelled", actor=actor, now=now, detail={"session": session.number})
    ledger.close(obligations.MATERIALS_INITIAL, drafts, now=now, reason=REASON)


def _settle_plan(foreseen: Preview, reason: str, *, actor, now) -> list[Move]:
    """The exam plan without the session: what was filed stays on its record, what was only drafted is taken out."""
    item = foreseen.item
    if item is None:
        return []
    plan, moves = item.plan, []
    if foreseen.plan_starts_on is None:
        ledger.close(None, [plan], now=now, reason=REASON)
    else:
        moves = moving.move_event(EVENT, [plan], foreseen.plan_starts_on, now=now, actor=actor)
    said = f"场次{foreseen.session.number}取消，原因：{reason}"
    amending.amend(plan, said, actor=actor, now=now, detail={"session": foreseen.session.number})
    if item.filed_at is None and plan.state in OPEN_TO_ORGANISER:
        item.delete()
    return moves
