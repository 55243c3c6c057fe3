"""The exam day: a planned session is held; who was not admitted goes to the pool (rules 2.5)."""

from certification.deadlines import ledger
from certification.notices.sending import notify_role
from certification.organisations import access
from certification.organisations.models import Organisation
from certification.organisations.roles import Role
from certification.people import bars
from certification.refusals import Refusal, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import activity, apply_one, lock
from exams.applications import obligations
from exams.exam_day import recordings
from exams.models import Candidate, ExamApplication, ExamSession, SessionPart
from exams.rooms import staffing, suspensions
from exams.rooms.seating import locked_session
from exams.sessions.listing import leave_session, take_off_admission
from exams.states import SESSION, CandidateState

CARRIED_OVER = "开考时未准考，转入下一场次"
BARRED = "在禁考期内，不予安排考试"


@activity
def hold_session(*, actor, now, session_id: int) -> ExamSession:
    """Note that the exam begins, on or after its first day.

    Refused before that day, at a site that a tour suspends, without a filed plan, with nobody admitted, and while
    somebody who must keep away from these candidates is on its staff. Who was barred after being admitted does not sit.
    Opens `results_release`.

    Filed is enough: 报备 is filing, not approval (rules 3), so an exam plan that the province has not acknowledged
    does not hold the exam up. One that it returned does: its sessions count as announced until it is filed again.
    """
    access.require(actor, "exams.session.arrange")
    session = locked_session(actor, session_id)
    if now.date() < session.starts_on:
        raise WrongState(
            f"场次{session.number}将于{plain_day(session.starts_on)}开考，尚未到开考日期。", code="too_early"
        )
    suspensions.require_none(session)
    _require_staff_apart(session)
    staffing.require_staffed(session)
    # Applications before candidates before deadlines, as reviews and the sweep lock them.
    lock(ExamApplication.objects.filter(pk__in=Candidate.objects.filter(session=session).values("application")))
    candidates = lock(Candidate.objects.filter(session=session).select_related("application"))
    _take_off_barred(candidates, session, actor=actor, now=now)
    admitted = [row for row in candidates if row.state == CandidateState.ADMITTED]
    if not admitted:
        raise Refusal("本场次没有准考考生。", code="nobody_admitted", advice="请先安排考场和座位。")
    apply_one(SESSION, "hold", session, actor=actor, now=now)
    left_out = [row for row in candidates if row.state == CandidateState.LISTED]
    leave_session("move", left_out, actor=actor, now=now, reason=CARRIED_OVER)
    _note_exam_held(admitted, actor=actor, now=now)
    ledger.open_deadline(
        obligations.RESULTS_RELEASE,
        session,
        event_on=max(SessionPart.objects.filter(session=session).values_list("day", flat=True)),
        responsible=session.organiser,
        organiser=session.organiser,
        now=now,
    )
    recordings.begin(session, actor=actor, now=now)
    _tell_left_out(left_out, session, now)
    return session


def _require_staff_apart(session: ExamSession) -> None:
    for breach in staffing.in_breach(session).values():
        raise breach


def _take_off_barred(candidates: list[Candidate], session: ExamSession, *, actor, now) -> None:
    """Where the edition lets applications of the barred stand, this is the last door before the exam (rules 3.3)."""
    kept = bars.kept_from_exam((row.application.person_id for row in candidates), session.starts_on)
    admitted = [row for row in candidates if row.state == CandidateState.ADMITTED]
    barred = [row for row in admitted if row.application.person_id in kept]
    take_off_admission(barred, actor=actor, now=now, reason=BARRED)


def _note_exam_held(admitted: list[Candidate], *, actor, now) -> None:
    applications = list(ExamApplication.objects.filter(pk__in=[row.application_id for row in admitted]).order_by("pk"))
    ledger.meet(obligations.EXAM_HELD, applications, now=now, actor=actor)
    obligations.close_for_exam(applications, now=now, reason="已开考")


def _tell_left_out(left_out: list[Candidate], session: ExamSession, now) -> None:
    institutions = Organisation.objects.filter(training_plans__applications__candidates__in=[c.pk for c in left_out])
    for institution in institutions.distinct().order_by("pk"):
        notify_role(
            Role.INSTITUTION_FILER,
            institution,
            title=f"场次{session.number}有考生未准考，已转入待安排",
            body=CARRIED_OVER,
            about=[row.application for row in left_out if row.application.institution_id == institution.pk],
            now=now,
        )
