"""Putting applications into a session and taking them out: the seam between applying, assigning and reviewing.

Plain functions inside the transaction of the calling activity. The session comes locked, so that two callers
cannot fill the same last place.
"""

from collections.abc import Callable, Iterable
from datetime import date

from simple_history.utils import bulk_create_with_history

from certification.catalogue.models import ApplicationKind
from certification.people import eligibility
from certification.records import bulk
from certification.records.models.transitions import Reason
from certification.refusals import Refusal, WrongState
from certification.workdays.wording import plain_day
from certification.workflow import Result as Outcome
from certification.workflow import apply, log
from exams import standards
from exams.applications import obligations
from exams.applications.person_checks import AT_THE_EXAM, errors_against, refusal_of
from exams.models import Candidate, ExamApplication, ExamSession, Part, Result, SessionPart
from exams.rooms.bookings import free_seats
from exams.states import CANDIDATE, EXAMINED, IN_SESSION, ResultState, SessionState
from training.states import STANDING, TraineeState

# Called once per session, when its first application is assigned: approvals opens the dossier here.
# Each is called as ``hook(session, actor=actor, now=now)``.
on_first_assigned: list[Callable] = []

# States in which a session takes applications.
TAKES_APPLICATIONS = (SessionState.ANNOUNCED, SessionState.PLANNED)


class SessionFull(Refusal):
    """The announced capacity of the session is used up."""

    code = "session_full"


def list_in_session(applications: Iterable[ExamApplication], session: ExamSession, *, actor, now) -> list[Candidate]:
    """Make one candidate per application in the locked ``session``; the applications were checked before.

    Links each to the candidate it follows, marks retakes, carries passed and still valid parts over, opens the
    deadlines that hang on the exam day, and tells the hooks when these are the session's first.
    """
    applications = list(applications)
    if not applications:
        return []
    first = not Candidate.objects.filter(session=session).exists()
    previous, sat = latest_candidates(applications), last_sittings(applications)
    candidates = [_candidate(row, session, previous.get(row.pk), row.pk in sat, now) for row in applications]
    bulk_create_with_history(
        candidates, Candidate, default_user=actor, default_change_reason="安排场次", default_date=now
    )
    log(candidates, "list", actor=actor, now=now, detail={"session": session.number})
    carry_over(candidates, session, actor=actor, now=now)
    obligations.open_for_exam(applications, session.starts_on, now=now)
    if first:
        for hook in on_first_assigned:
            hook(session, actor=actor, now=now)
    return candidates


def leave_session(name: str, candidates: Iterable[Candidate], *, actor, now, reason: Reason) -> list[Outcome]:
    """Transition ``name`` (move or withdraw) for locked ``candidates``: seats and tickets are given back, the
    deadlines that hang on this exam day end; nothing else of the case is lost."""
    results = apply(CANDIDATE, name, candidates, actor=actor, now=now, reason=reason)
    left = [result.row for result in results if result.ok]
    free_seats(left, actor=actor, now=now, reason=reason)
    applications = ExamApplication.objects.filter(pk__in=[row.application_id for row in left]).order_by("pk")
    common = reason if isinstance(reason, str) else ""
    obligations.close_for_exam(applications, now=now, reason=common or CANDIDATE[name].label)
    return results


def take_off_admission(candidates: Iterable[Candidate], *, actor, now, reason: Reason) -> list[Outcome]:
    """Cancel the admission of locked ``candidates``: the ticket no longer holds and the seat is free; they stay in
    the session and may be admitted again."""
    results = apply(CANDIDATE, "unadmit", candidates, actor=actor, now=now, reason=reason)
    free_seats([result.row for result in results if result.ok], actor=actor, now=now, reason=reason)
    return results


def latest_candidates(applications: Iterable[ExamApplication]) -> dict[int, Candidate]:
    """The last session place of each application that ever had one: application id → candidate. One query."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications])
    return {row.application_id: row for row in rows.select_related("session").order_by("listed_at", "pk")}


def last_sittings(applications: Iterable[ExamApplication]) -> dict[int, Candidate]:
    """The last session that each application was examined in or missed, whatever sessions it left since: application
    id → candidate. One query."""
    rows = Candidate.objects.filter(application__in=[row.pk for row in applications], state__in=EXAMINED)
    return {row.application_id: row for row in rows.select_related("session").order_by("listed_at", "pk")}


def room_left(session: ExamSession) -> int:
    """How many more the locked ``session`` takes by its announced capacity."""
    return session.capacity - Candidate.objects.filter(session=session, state__in=[*IN_SESSION, *EXAMINED]).count()


def carry_over(candidates: Iterable[Candidate], session: ExamSession, *, actor, now) -> list[Result]:
    """Give each candidate the parts passed earlier that are still valid on this session's exam day.

    A part is valid for the edition's months from the day on which it was sat, in whatever session of the application.
    """
    followed = {row.application_id: row for row in candidates if row.previous_id}
    own = [row.pk for row in candidates]
    passed = Result.objects.filter(candidate__application__in=list(followed), passed=True, state=ResultState.RELEASED)
    passed = passed.filter(carried_from__isnull=True).exclude(candidate__in=own)
    passed = list(passed.select_related("candidate__application__rule_edition").order_by("pk"))
    until = valid_until(passed)
    roots = {(root.candidate.application_id, root.part): root for root in passed if session.starts_on <= until[root.pk]}
    carried = [_carried(root, followed[application_id], now) for (application_id, _part), root in roots.items()]
    if carried:
        bulk_create_with_history(
            carried, Result, default_user=actor, default_change_reason="成绩有效期内，结转", default_date=now
        )
    return carried


class PlaceChecks:
    """What must hold before an application takes a place in a session; made once for many applications."""

    def __init__(self, applications: Iterable[ExamApplication], session: ExamSession, *, now):
        applications = list(applications)
        self.session = session
        self.today = now.date()
        self.asked = len(applications)
        self.left = self.places = max(room_left(session), 0)
        self.parts = set(SessionPart.objects.filter(session=session).values_list("part", flat=True))
        self.occupied = set(
            Candidate.objects.filter(
                application__in=[row.pk for row in applications], state__in=IN_SESSION
            ).values_list("application_id", flat=True)
        )
        self.stopped = stopped_classes(applications)
        self.errors = errors_against(applications, today=self.today, exam_on=session.starts_on, codes=AT_THE_EXAM)

    def check(self, application: ExamApplication) -> None:
        """Raise the Refusal that keeps ``application`` out of the session; otherwise take one place."""
        self._check_session(application)
        if application.pk in self.occupied:
            raise WrongState(f"“{application}”已在其他场次中。", code="already_listed")
        if refusal := self.stopped.get(application.pk):
            raise refusal
        if refusal := refusal_of(self.errors[application.pk]):
            raise refusal
        if self.left <= 0:
            raise SessionFull(
                f"场次{self.session.number}计划容量 {self.session.capacity} 人，尚余 {self.places} 个名额，"
                f"本次申请 {self.asked} 人，超出 {self.asked - self.places} 人。",
                advice="超出的请改选其他场次。",
            )
        self.left -= 1

    def _check_session(self, application: ExamApplication) -> None:
        check_takes_applications(self.session, self.today)
        check_fits(application, self.session)
        needed = standards.parts_for(application.kind, application.rule_edition)
        missing = [Part(part).label for part in needed if part not in self.parts]
        if missing:
            raise Refusal(
                f"场次{self.session.number}未安排{'、'.join(missing)}考试，不适用于{application.get_kind_display()}。",
                code="parts_missing",
                clause="规则 3",
            )


def check_takes_applications(session: ExamSession, today) -> None:
    """Raise unless the session is announced or planned and has not started."""
    if session.state not in TAKES_APPLICATIONS or session.starts_on <= today:
        raise WrongState(
            f"场次{session.number}已开考或已取消，不能再安排考生。", code="session_closed", advice="请改选其他场次。"
        )


def check_fits(application: ExamApplication, session: ExamSession) -> None:
    """Raise unless the session is of the application's own organiser, job type and variant (rules 2.7)."""
    if session.organiser_id != application.organiser_id or _examines(session) != _examines(application):
        raise Refusal(
            f"场次{session.number}与“{application}”的考试组织单位或操作项目不符。",
            code="session_mismatch",
            clause="规则 2.7",
            advice="请选择本项目、本考试组织单位公布的场次。",
        )


def _examines(row: ExamSession | ExamApplication) -> tuple[str, str]:
    """Job type and variant by their codes: a case goes on when a new edition of the catalogue is in force."""
    return row.job_type.code, row.variant.code if row.variant else ""


def stopped_classes(applications: Iterable[ExamApplication]) -> dict[int, Refusal]:
    """Whose class was stopped (returned, rejected, withdrawn), or who is not in it any more: application id → why
    nothing leads on to an exam. One query."""
    rows = bulk.among(ExamApplication.objects.all(), "id", [row.pk for row in applications])
    rows = rows.exclude(plan__state__in=STANDING, trainee__state=TraineeState.ENROLLED)
    return {row.pk: _stopped(row) for row in rows.select_related("plan__job_type", "person", "trainee")}


def _stopped(application: ExamApplication) -> Refusal:
    plan = application.plan
    why = f"{application.person}已退班" if plan.state in STANDING else f"“{plan}”当前状态为“{plan.get_state_display()}”"
    return WrongState(f"{why}，不能申报或参加考试。", code="class_stopped", clause="规则 3")


def is_renewal(application: ExamApplication) -> bool:
    """Whether the application is for a certificate already held: PERIODIC_REVIEW or RENEWAL."""
    return application.kind != ApplicationKind.INITIAL


def _candidate(
    application: ExamApplication, session: ExamSession, previous: Candidate | None, retake: bool, now
) -> Candidate:
    return Candidate(
        application=application,
        session=session,
        previous=previous,
        retake=retake,
        listed_at=now,
    )


def valid_until(roots: Iterable[Result]) -> dict[int, date]:
    """Until when each passed part, of a candidate with its application and edition, is valid: result id → last day."""
    roots = list(roots)
    sat_on = _exam_days(roots)
    return {
        root.pk: eligibility.add_months(
            sat_on[root.candidate_id, root.part],
            standards.valid_months(root.candidate.application.rule_edition),
        )
        for root in roots
    }


def check_retake_day(application: ExamApplication, sat: Candidate, exam_start: date) -> None:
    """Raise where a retake on ``exam_start`` comes too long after the sitting ``sat`` (rules 8)."""
    last = eligibility.add_months(sat.session.starts_on, standards.valid_months(application.rule_edition))
    if exam_start > last:
        raise Refusal(
            f"补考应在{plain_day(last)}前进行。", code="retake_too_late", clause="规则 8", advice="须重新申报。"
        )


def _exam_days(results: Iterable[Result]) -> dict[tuple[int, str], date]:
    """The day on which each result's part was sat: (candidate id, part) → day. One query."""
    candidates = {result.candidate_id for result in results}
    parts = SessionPart.objects.filter(session__candidates__in=candidates)
    rows = parts.values_list("session__candidates", "part", "day")
    return {(candidate, part): day for candidate, part, day in rows}


def _carried(root: Result, candidate: Candidate, now) -> Result:
    return Result(
        candidate=candidate,
        part=root.part,
        score=root.score,
        subscores=root.subscores,
        passed=True,
        carried_from=root,
        state=ResultState.RELEASED,
        entered_by_id=root.entered_by_id,
        entered_on_behalf_of_id=root.entered_on_behalf_of_id,
        entered_at=root.entered_at,
        checked_by_id=root.checked_by_id,
        checked_on_behalf_of_id=root.checked_on_behalf_of_id,
        checked_at=root.checked_at,
        released_at=now,
    )
