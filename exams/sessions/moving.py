"""变更考试时间: an announced session gets other days or times before it is held; first what that moves, then the same
for real (rules 2.2).

The deadlines of everybody in it and of its exam plan follow the day of its earliest part. Rooms, staff and seats are
booked anew; what cannot stay is given back and named. Whoever may not sit on the new day waits in the pool.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certification import clock
from certification.deadlines import locking, move_preview, moving
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.deadlines.move_preview import Line
from certification.deadlines.moving import Move
from certification.organisations import access
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply_one, lock
from exams.applications import obligations
from exams.applications.person_checks import AT_THE_EXAM, errors_against, refusal_of
from exams.models import Candidate, ExamApplication, ExamPlanItem, ExamSession, Part, Result, SessionPart
from exams.models.sessions import slot_time
from exams.plans import amending
from exams.sessions import announcing, changed_notices, rebooking
from exams.sessions.announcing import Time
from exams.sessions.listing import check_retake_day, last_sittings, leave_session, valid_until
from exams.sessions.rebooking import Rebooking
from exams.states import FILED_PLANS, IN_SESSION, OPEN_SESSIONS, SESSION, ApplicationState, CandidateState

CHANGE = "exams.session.change"
EVENT = "exam_start"
REASON = "考试时间变更，新的日期不能参加考试"

Times = Mapping[str, Time]


@dataclass(frozen=True)
class Preview:
    """What moving ``session`` to ``times`` would change. ``fingerprint`` names exactly this: moving asks for it, so
    that nobody confirms one thing and gets another.

    ``staying`` candidates keep their place, ``drafts`` name the session, ``leaving`` may not sit on the new day and
    wait in the pool; ``in_time`` is by what the filed exam plan is in time for the new day.
    """

    session: ExamSession
    times: Times
    item: ExamPlanItem | None
    staying: list[Candidate]
    drafts: list[ExamApplication]
    leaving: list[tuple[Candidate, Refusal]]
    moves: list[Move]
    rebooking: Rebooking
    in_time: Due | None
    fingerprint: str

    @property
    def starts_on(self) -> date:
        """The day of the earliest part."""
        return first_day(self.times)

    @property
    def lines(self) -> list[Line]:
        """The deadlines that move, by tier."""
        return move_preview.lines_of(self.moves)

    @property
    def late(self) -> int:
        """How many deadlines become late."""
        return move_preview.late(self.moves)

    @property
    def tickets_changed(self) -> list[Candidate]:
        """Whose ticket shows another time: admitted, and the seat stays."""
        lost = {row.pk for row, _why in self.rebooking.unseated}
        return [row for row in self.staying if row.state == CandidateState.ADMITTED and row.pk not in lost]

    @property
    def amends(self) -> bool:
        """Whether it makes a new version of a filed exam plan."""
        return self.item is not None and self.item.plan.state in FILED_PLANS


@dataclass(frozen=True)
class Moved:
    """What was done: the session, the deadlines as they were moved, who left it."""

    session: ExamSession
    moves: list[Move]
    left: list[Candidate]


def may_change(session: ExamSession) -> bool:
    """Whether the session can still be moved or cancelled: it has not been held."""
    return session.state in OPEN_SESSIONS


def times_of(session: ExamSession) -> dict[str, Time]:
    """The times of the parts as they are."""
    parts = SessionPart.objects.filter(session=session)
    return {part.part: Time(part.day, part.first_slot, part.last_slot) for part in parts}


def first_day(times: Times) -> date:
    """开考: the day of the earliest part."""
    return min(time.day for time in times.values())


def preview(session: ExamSession, times: Times, *, now) -> Preview:
    """What moving ``session`` to ``times`` at ``now`` would change; changes nothing.

    Raises WrongState once it was held or is cancelled, Incomplete where the times cannot be, TooLate where it was
    announced, or its exam plan filed, too late for the new day.
    """
    return _foreseen(session, amending.item_of(session), times, locked=False, now=now)


@activity
def move_session(*, actor, now, session_id: int, times: Times, reason: str, fingerprint: str) -> Moved:
    """Give the parts of a session other times, with everything that hangs on them, and tell those affected.

    The organiser's exam officer alone (rules 4a). Raises what ``preview`` raises, NotPermitted, Incomplete without a
    reason, and WrongState where what would happen now is not what ``fingerprint`` was confirmed for.
    """
    access.require(actor, CHANGE)
    if not reason.strip():
        raise Incomplete([Problem("请填写变更原因。", code="required", field="reason")])
    session, item = amending.lock_with_plan(actor, session_id)
    before = times_of(session)
    locking.before_counting()
    foreseen = _foreseen(session, item, times, locked=True, now=now)
    move_preview.require_as_foreseen(foreseen.fingerprint, fingerprint)
    serving = list(rebooking.serving(SessionPart.objects.filter(session=session).values_list("pk", flat=True)))
    left = [row for row, _why in foreseen.leaving]
    started_on = session.starts_on
    leave_session("move", left, actor=actor, now=now, reason=REASON)
    rebooking.rebook(session, times, foreseen.rebooking, actor=actor, now=now)
    moves = _move_deadlines(foreseen, started_on, actor=actor, now=now)
    said = sentence(session, before, times)

    def change(row: ExamSession) -> None:
        row.starts_on = foreseen.starts_on

    detail = _detail(foreseen, before)
    apply_one(
        SESSION,
        "move",
        session,
        actor=actor,
        now=now,
        reason=f"{said} {reason.strip()}",
        change=change,
        fields=("starts_on",),
        detail=detail,
    )
    if item:
        amending.amend(item.plan, said, actor=actor, now=now, detail={"session": session.number})
    admissions.use([foreseen.in_time], actor=actor, now=now)
    changed_notices.tell_moved(foreseen, moves, serving, said, reason.strip(), actor=actor, now=now)
    return Moved(session, moves, left)


def sentence(session: ExamSession, before: Times, after: Times) -> str:
    """What moved, in a sentence with both times."""
    moved = [part for part in Part if part in after and before[part] != after[part]]
    parts = "；".join(f"{part.label}考试由{time_words(before[part])}改为{time_words(after[part])}" for part in moved)
    return f"场次{session.number}：{parts}。"


def time_words(time: Time) -> str:
    """4月15日 09:00—11:00, with its year."""
    return f"{plain_day(time.day)} {slot_time(time.first_slot)}—{slot_time(time.last_slot + 1)}"


def _foreseen(session: ExamSession, item: ExamPlanItem | None, times: Times, *, locked: bool, now) -> Preview:
    _require_movable(session)
    _require_possible(session, times, clock.day_of(now))
    starts_on = first_day(times)
    in_time = _filed_in_time(session, item, starts_on, now)
    candidates, drafts = people_of(session, locked=locked)
    leaving = _unfit(candidates, starts_on, clock.day_of(now)) if starts_on != session.starts_on else []
    gone = {row.pk for row, _why in leaving}
    staying = [row for row in candidates if row.pk not in gone]
    moves = _moves(session, item, staying, drafts, starts_on, now)
    found = rebooking.foresee(session, times, gone)
    facts = [
        session.pk,
        session.state,
        sorted((part, str(time)) for part, time in times.items()),
        [(row.pk, row.state) for row in staying],
        [row.pk for row in drafts],
        [(row.pk, why.code) for row, why in leaving],
        (item.plan_id, item.plan.state, item.plan.version) if item else (),
        *found.facts,
    ]
    fingerprint = move_preview.fingerprint(moves, facts)
    return Preview(session, times, item, staying, drafts, leaving, moves, found, in_time, fingerprint)


def people_of(session: ExamSession, *, locked: bool) -> tuple[list[Candidate], list[ExamApplication]]:
    """Who is in the session, and whose drafts name it; applications locked before candidates, as everywhere."""
    inside = Candidate.objects.filter(session=session, state__in=IN_SESSION)
    drafts = Q(state=ApplicationState.DRAFT, wished_session=session)
    if locked:
        lock(ExamApplication.objects.filter(drafts | Q(pk__in=inside.values("application"))))
        lock(inside)
    case = ("person", "institution", "rule_edition", "trainee", "plan", "job_type__group", "wished_session")
    candidates = list(inside.select_related(*(f"application__{one}" for one in case)).order_by("pk"))
    return candidates, list(ExamApplication.objects.with_case().filter(drafts).order_by("pk"))


def _moves(session, item, staying, drafts, starts_on: date, now) -> list[Move]:
    cases = [*(row.application for row in staying), *drafts]
    found = moving.by_event(EVENT, cases, starts_on, event_was=session.starts_on, now=now) if cases else []
    if item:
        day = amending.first_day(item.plan, besides=session, also=starts_on)
        found += moving.by_event(EVENT, [item.plan], day, now=now)
    return found


def _move_deadlines(foreseen: Preview, started_on: date, *, actor, now) -> list[Move]:
    cases = [*(row.application for row in foreseen.staying), *foreseen.drafts]
    common = {"actor": actor, "now": now}
    moves = moving.move_event(EVENT, cases, foreseen.starts_on, event_was=started_on, **common)
    if foreseen.item:
        day = amending.first_day(foreseen.item.plan, besides=foreseen.session, also=foreseen.starts_on)
        moves += moving.move_event(EVENT, [foreseen.item.plan], day, **common)
    return moves


def _require_movable(session: ExamSession) -> None:
    if not may_change(session):
        raise WrongState(f"场次{session.number}当前状态为“{session.get_state_display()}”，不能变更考试时间。")


def _require_possible(session: ExamSession, times: Times, today: date) -> None:
    before = times_of(session)
    if set(times) != set(before):
        raise Incomplete([Problem("变更考试时间不能增减科目。", field="theory")])
    problems = announcing.time_problems({Part(part): time for part, time in times.items()}, today)
    if dict(times) == before:
        problems.append(Problem("考试时间没有变化。", field="theory", code="unchanged"))
    if problems:
        raise Incomplete(problems)
    announcing.require_lead_time(first_day(times), clock.day_of(session.announced_at))


def _filed_in_time(session: ExamSession, item: ExamPlanItem | None, starts_on: date, now) -> Due | None:
    """A filed exam plan keeps its first filing (rules 2.8): the new day must have been lawful on that date."""
    if item is None or item.filed_at is None or starts_on == session.starts_on:
        return None
    return require_in_time(
        obligations.EXAM_PLAN,
        starts_on,
        now=item.filed_at,
        category=session.job_type.category,
        subject=item.plan,
        acting_at=now,
    )


def _unfit(candidates: list[Candidate], starts_on: date, today: date) -> list[tuple[Candidate, Refusal]]:
    """Who may not sit on the new day, and why: age, bar, or a retake or a passed part whose time runs out before."""
    applications = [row.application for row in candidates]
    errors = errors_against(applications, today=today, exam_on=starts_on, codes=AT_THE_EXAM)
    sat = last_sittings(applications)
    expired = _expired(candidates, starts_on)
    found = []
    for candidate in candidates:
        application = candidate.application
        try:
            if refusal := refusal_of(errors[application.pk]):
                raise refusal
            if application.pk in sat:
                check_retake_day(application, sat[application.pk], starts_on)
            if candidate.pk in expired:
                raise Refusal("已通过科目的成绩在新的日期已过有效期。", code="part_expired", clause="规则 8")
        except Refusal as refusal:
            found.append((candidate, refusal))
    return found


def _expired(candidates: list[Candidate], starts_on: date) -> set[int]:
    rows = Result.objects.filter(candidate__in=[row.pk for row in candidates], carried_from__isnull=False)
    rows = list(rows.select_related("carried_from__candidate__application__rule_edition"))
    until = valid_until([row.carried_from for row in rows])
    return {row.candidate_id for row in rows if until[row.carried_from_id] < starts_on}


def _detail(foreseen: Preview, before: Times) -> dict:
    """What the session's page tells of it later: the times, and whose ticket changed."""
    return {
        "before": {str(part): [time.day.isoformat(), time.first_slot, time.last_slot] for part, time in before.items()},
        "after": {
            str(part): [time.day.isoformat(), time.first_slot, time.last_slot] for part, time in foreseen.times.items()
        },
        "changed": [row.pk for row in foreseen.tickets_changed],
        "cancelled": {
            **{str(row.pk): why for row, why in foreseen.rebooking.unseated},
            **{str(row.pk): why.message for row, why in foreseen.leaving if row.state == CandidateState.ADMITTED},
        },
        "rooms": [why for _use, why in foreseen.rebooking.lost_rooms],
    }
