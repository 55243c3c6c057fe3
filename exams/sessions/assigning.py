"""The pool (待安排考试) and assignment to sessions by the organiser (rules 2.7)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists

from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import Deadline, LateAdmission
from certification.deadlines.models.admissions import Known
from certification.organisations import access
from certification.organisations.models import Organisation, OrganisationKind
from certification.people.models import Certificate, CertificateState
from certification.refusals import Refusal, WrongState
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import plain_day
from certification.workflow import Result, activity, lock
from exams import standards
from exams.applications import obligations
from exams.models import Candidate, ExamApplication, ExamSession
from exams.rooms.seating import require_arrangeable
from exams.sessions import sittings
from exams.sessions.listing import (
    PlaceChecks,
    check_retake_day,
    is_renewal,
    last_sittings,
    latest_candidates,
    leave_session,
    list_in_session,
    on_first_assigned,
)
from exams.sessions.sittings import Sittings
from exams.states import IN_POOL, IN_SESSION, CandidateState

__all__ = ["assign_to_session", "move_to_pool", "on_first_assigned", "pool"]


def pool(organiser: Organisation, *, today):
    """Applications at ``organiser`` that wait for a session: renewals, those carried over, and those who may sit
    once more. A queryset, to be narrowed by ``visible_to``."""
    applications = ExamApplication.objects.with_case().filter(organiser=organiser)
    return applications.waiting_for_session(_used_up(today))


def pool_seen_by(user, *, today):
    """The pool of the user's own organisation; who sees the whole province but assigns nobody sees all of it."""
    visible = ExamApplication.objects.visible_to(user)
    if access.may(user, "exams.pool.assign"):
        return pool(user.organisation, today=today).filter(pk__in=visible.values("pk"))
    if user.organisation.kind == OrganisationKind.CITY_BUREAU:
        visible = visible.filter(organiser=user.organisation_id)
    return visible.with_case().waiting_for_session(_used_up(today))


@activity
def assign_to_session(*, actor, now, application_ids: Iterable[int], session_id: int) -> list[Result]:
    """Give waiting applications a place in an announced session; a result per row, with a ``warning`` in its detail
    where the certificate that is to be reviewed or renewed ends before the exam.

    Refused where the session does not fit or is full, where the person is barred, where the sittings are used up,
    and where the materials date for this session has passed (rules 2.7; retakes and renewals that were filed in time
    are free of it), unless the provincial head admitted it late.
    """
    access.require(actor, "exams.pool.assign")
    found = lock(ExamSession.objects.visible_to(actor).filter(pk=session_id))
    if not found:
        raise ExamSession.DoesNotExist
    (session,) = found
    access.require_own(actor, session.organiser_id)
    visible = ExamApplication.objects.visible_to(actor).with_case()
    applications = lock(visible.filter(pk__in=list(application_ids)))
    if not applications:
        raise ExamApplication.DoesNotExist
    places = PlaceChecks(applications, session, now=now)
    previous, sat = latest_candidates(applications), last_sittings(applications)
    used = sittings.of(Candidate.objects.filter(application__in=applications))
    days = _MaterialsDay(applications, session, now)
    results, in_time = [], []
    for row in applications:
        result = Result(row, from_state=row.state)
        try:
            _check_waiting(row, previous.get(row.pk))
            if row.pk in sat:
                _check_retake(row, sat[row.pk], used[row.pk], session)
            found = days.check(row, retake=row.pk in sat)
            places.check(row)
            in_time.append(found)
        except Refusal as refusal:
            result.refusal = refusal
        results.append(result)
    assigned = [result for result in results if result.ok]
    list_in_session([result.row for result in assigned], session, actor=actor, now=now)
    ended = _certificates_ended([result.row for result in assigned], session)
    for result in assigned:
        if day := ended.get(result.row.pk):
            result.detail["warning"] = f"所持操作证{plain_day(day)}到期，早于开考日期{plain_day(session.starts_on)}。"
    admissions.use(in_time, actor=actor, now=now)
    return results


@activity
def move_to_pool(*, actor, now, candidate_ids: Iterable[int], reason: str) -> list[Result]:
    """Take candidates out of their session before the exam; they wait for another, nothing of their case is lost.

    Raises WrongState once the exam has begun: who does not come is absent, who fails has failed.
    """
    access.require(actor, "exams.pool.assign")
    if not reason.strip():
        raise Refusal("请填写转入待安排的原因。", code="reason_required")
    chosen = Candidate.objects.visible_to(actor).filter(pk__in=list(candidate_ids))
    sessions = lock(ExamSession.objects.filter(pk__in=chosen.values("session")))
    if not sessions:
        raise Candidate.DoesNotExist
    for session in sessions:
        access.require_own(actor, session.organiser_id)
        require_arrangeable(session)
    lock(ExamApplication.objects.filter(pk__in=chosen.values("application")))
    return leave_session("move", lock(chosen), actor=actor, now=now, reason=reason)


def _certificates_ended(applications: list[ExamApplication], session: ExamSession) -> dict[int, date]:
    """Whose certificate ends before the session, and when: application id → last day. One query."""
    by_person = {row.person_id: row.pk for row in applications if is_renewal(row)}
    held = Certificate.objects.filter(
        person__in=by_person,
        job_type_code=session.job_type.code,
        state=CertificateState.VALID,
        valid_until__lt=session.starts_on,
    )
    return {by_person[person]: day for person, day in held.values_list("person_id", "valid_until")}


def _used_up(today: date) -> Exists:
    """The condition that no sitting is left, by the edition of ``today``."""
    return sittings.used_up(standards.retakes(lookup.edition_on(today)))


def _check_waiting(application: ExamApplication, previous: Candidate | None) -> None:
    if application.state not in IN_POOL:
        raise WrongState(f"“{application}”当前状态为“{application.get_state_display()}”，不能安排考试。")
    if previous and previous.state in (*IN_SESSION, CandidateState.PASSED):
        raise WrongState(
            f"“{application}”已在场次{previous.session.number}（{previous.get_state_display()}）。",
            code="already_listed",
        )


class _MaterialsDay:
    """Whether applications still come in time for a session's materials (rules 2.7); asked once for many.

    Retakes are free of it, and so are renewals that were filed in time.
    """

    def __init__(self, applications: list[ExamApplication], session: ExamSession, now):
        self.session, self.now, self.calendar = session, now, calendars.current()
        self.known: Known = LateAdmission.objects.known(obligations.MATERIALS_INITIAL, applications)
        late = Deadline.objects.of(obligations.MATERIALS_RENEWAL, applications).filter(met_late=True)
        self.filed_late = set(late.values_list("subject_id", flat=True))

    def check(self, application: ExamApplication, *, retake: bool) -> Due | None:
        """The due date of the materials, None where there is none; raises TooLate."""
        if retake or (is_renewal(application) and application.pk not in self.filed_late):
            return None
        return require_in_time(
            obligations.MATERIALS_INITIAL,
            self.session.starts_on,
            now=self.now,
            edition=application.rule_edition,
            subject=application,
            known=self.known,
            calendar=self.calendar,
        )


def _check_retake(application: ExamApplication, sat: Candidate, used: Sittings, session: ExamSession) -> None:
    if used.used_up(standards.retakes(application.rule_edition)):
        raise Refusal(
            f"“{application}”的补考次数已用完。", code="no_retake", clause="规则 8", advice="须重新参加培训后申报。"
        )
    check_retake_day(application, sat, session.starts_on)
