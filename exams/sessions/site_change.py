"""变更考试点: a session goes to another site that its organiser may use, at the same times, before the exam begins;
first what that does, then the same for real (rules 8, [四(三)]).

Whoever has a seat keeps one, in the same order; staff come along unless they cannot serve there. Tickets change with
it, the exam plan follows, and everybody affected is told.
"""

from dataclasses import dataclass

from certification.deadlines import move_preview
from certification.organisations import access
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, apply_one, lock
from exams.models import (
    Candidate,
    ExamApplication,
    ExamPlanItem,
    ExamSession,
    ExamSite,
    InspectionTour,
    Part,
    RoomUse,
    SessionPart,
)
from exams.plans import amending
from exams.rooms import another_site, fitness, relocating
from exams.rooms.another_site import Fitting
from exams.rooms.relocating import Carried
from exams.rooms.sites import usable_by
from exams.sessions import changed_notices, rebooking
from exams.sessions.moving import CHANGE, may_change, people_of, times_of
from exams.staff import telling
from exams.states import FILED_PLANS, SESSION, CandidateState

STEP = "change_site"
WHAT = "变更考试点"
CLAUSE = "方案四（三）、规则 8"


@dataclass(frozen=True)
class Preview:
    """What moving ``session`` to ``site`` would do. ``fingerprint`` names exactly this: changing asks for it.

    ``waiting`` are its candidates without a seat, ``drafts`` name the session.
    """

    session: ExamSession
    site: ExamSite
    item: ExamPlanItem | None
    fitting: Fitting
    candidates: list[Candidate]
    drafts: list[ExamApplication]
    fingerprint: str

    @property
    def seated(self) -> int:
        """How many seats are carried over."""
        return sum(len(one.seats) for one in self.fitting.transfers)

    @property
    def staff(self) -> int:
        """How many of the staff come along."""
        return sum(len(one.staff) for one in self.fitting.transfers)

    @property
    def tickets(self) -> int:
        """How many tickets have to be printed again."""
        return sum(row.state == CandidateState.ADMITTED for row in self.candidates)

    @property
    def waiting(self) -> list[Candidate]:
        """Who is in the session and has no seat."""
        seated = {seat.candidate_id for one in self.fitting.transfers for seat, _number in one.seats}
        return [row for row in self.candidates if row.pk not in seated]

    @property
    def places(self) -> list[tuple[str, list[tuple[Candidate, str, str]]]]:
        """Who sits where, room by room: the room before and after in words, each candidate with both seats."""
        return [
            (
                f"{one.use.part.get_part_display()}：{one.use.room.name} → {one.room.name}（{one.room.capacity}座）",
                [(seat.candidate, f"{seat.number}号", f"{number}号") for seat, number in one.seats],
            )
            for one in self.fitting.transfers
        ]

    @property
    def amends(self) -> bool:
        """Whether it makes a new version of a filed exam plan."""
        return self.item is not None and self.item.plan.state in FILED_PLANS


def sites_for(session: ExamSession):
    """The other sites where the session's organiser may hold exams."""
    return usable_by(session.organiser).exclude(pk=session.site_id)


def preview(session: ExamSession, site: ExamSite) -> Preview:
    """What moving ``session`` to ``site`` would do; changes nothing. Raises as ``change_site`` does."""
    return _foreseen(session, site.pk, amending.item_of(session), locked=False)


@activity
def change_site(*, actor, now, session_id: int, site_id: int, reason: str, fingerprint: str) -> Carried:
    """Move the session to another site, with everybody who has a place in it, and tell those affected.

    The organiser's exam officer alone (rules 4a). Raises NotPermitted; Incomplete without a reason, for a site that is
    not in use, another's or the session's own, or that has too few seats in fit and free rooms at the same times;
    WrongState once the exam began or was toured, and where what would happen now is not what ``fingerprint`` was
    confirmed for; SeparationBreach where the actor has to stay away from a candidate.
    """
    access.require(actor, CHANGE)
    reason = reason.strip()
    if not reason:
        raise Incomplete([Problem("请填写变更原因。", code="required", field="reason")])
    session, item = amending.lock_with_plan(actor, session_id)
    foreseen = _foreseen(session, site_id, item, locked=True)
    move_preview.require_as_foreseen(foreseen.fingerprint, fingerprint)
    before = session.site
    done = relocating.carry(foreseen.fitting.transfers, WHAT, reason, actor=actor, now=now)
    released = [row for row, _why in foreseen.fitting.released]
    rebooking.end_duties(released, WHAT, actor=actor, now=now)
    rebooking.end_uses(_given_before(session, done), WHAT, actor=actor, now=now)
    said = sentence(session, before, foreseen.site)

    def change(row: ExamSession) -> None:
        row.site = foreseen.site

    detail = {"before": before.name, "after": foreseen.site.name, "seats": len(done.moves), "staff": len(done.staff)}
    apply_one(
        SESSION,
        STEP,
        session,
        actor=actor,
        now=now,
        reason=f"{said}{reason}",
        change=change,
        fields=("site",),
        detail=detail,
    )
    if item:
        amending.amend(item.plan, said, actor=actor, now=now, detail={"session": session.number})
    _tell(foreseen, done, said, reason, actor=actor, now=now)
    return done


def sentence(session: ExamSession, before: ExamSite, after: ExamSite) -> str:
    """From where to where, in a sentence."""
    return f"场次{session.number}的考试点由{before}变更为{after}（{after.address}），考试时间不变。"


def _foreseen(session: ExamSession, site_id: int, item: ExamPlanItem | None, *, locked: bool) -> Preview:
    _require_changeable(session)
    site = _site(session, site_id, locked=locked)
    candidates, drafts = people_of(session, locked=locked)
    found = another_site.fitting(session, site, locked=locked)
    if problems := _problems(session, site, found):
        raise Incomplete(problems, clause=CLAUSE)
    facts = [
        (session.pk, session.state, session.site_id, site.pk),
        [(row.pk, row.state) for row in candidates],
        [row.pk for row in drafts],
        (item.plan_id, item.plan.state, item.plan.version) if item else (),
        *found.facts,
    ]
    return Preview(session, site, item, found, candidates, drafts, move_preview.fingerprint([], facts))


def _require_changeable(session: ExamSession) -> None:
    if not may_change(session):
        raise WrongState(f"场次{session.number}当前状态为“{session.get_state_display()}”，不能变更考试点。")
    # A tour tells what was found at the site where it was.
    if InspectionTour.objects.filter(session=session).exists():
        raise WrongState(f"场次{session.number}已经巡考，不能变更考试点。", code="toured")


def _site(session: ExamSession, site_id: int, *, locked: bool) -> ExamSite:
    rows = sites_for(session).filter(pk=site_id).select_related("territory")
    found = lock(rows) if locked else list(rows)
    if not found:
        raise Incomplete([Problem("请从列表中选择其他考试点。", field="site")], clause=CLAUSE)
    return found[0]


def _problems(session: ExamSession, site: ExamSite, found: Fitting) -> list[Problem]:
    problems = [
        Problem(
            f"考试点“{site}”{part.label}考试时间空闲、设备符合的考场座位不足，还差 {left} 个。",
            code="no_seat",
            field="site",
        )
        for part, left in found.short.items()
    ]
    return problems or fitness.site_problems(
        site, session.job_type, {Part(part): time for part, time in times_of(session).items()}
    )


def _tell(foreseen: Preview, done: Carried, said: str, reason: str, *, actor, now) -> None:
    changed_notices.tell_site_changed(foreseen, done, said, reason, actor=actor, now=now)
    rooms = {row.pk: one.use.room for one in foreseen.fitting.transfers for row in one.staff}
    for row in done.staff:
        telling.tell_other_room(row, rooms[row.pk], f"{WHAT}：{reason}", now=now)
    for row, why in foreseen.fitting.released:
        telling.tell_released(row, f"{said}{row.person}{why}。", now=now)


def _given_before(session: ExamSession, done: Carried) -> list[RoomUse]:
    new = [use.pk for use in done.uses]
    parts = SessionPart.objects.filter(session=session)
    return list(RoomUse.objects.in_force().filter(part__in=parts).exclude(pk__in=new))
