"""What an exam application holds a person to: no second one for the same job type, no leaving the class."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q
from django.urls import reverse

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.organisations.access import users_with
from certification.organisations.roles import Role
from certification.people.checks.subject import Subject
from certification.people.eligibility import add_months
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from certification.workflow import lock
from exams import standards
from exams.models import Candidate, ExamApplication, ExamSession
from exams.states import IN_SESSION, OPEN, CandidateState
from exams.states import ApplicationState as A
from training.claims import Attached, Letter
from training.models import TrainingPlan

OFFICERS = (Role.CITY_EXAM_OFFICER, Role.PROVINCIAL_EXAM_OFFICER)
NOT_PASSED = (CandidateState.FAILED, CandidateState.ABSENT)


def open_applications(person_ids: Iterable[int], job_type_code: str, today: date) -> dict[int, ExamApplication]:
    """The persons' open applications for a job type, anywhere in the province: person id → application. One query.

    A job type is told by its code: the row of it changes with the edition of the catalogue. A cleared application is
    over once its exam was passed, its retake was used, or the time for it ran out.
    """
    rows = ExamApplication.objects.filter(person__in=list(person_ids), job_type_code=job_type_code, state__in=OPEN)
    rows = rows.exclude(state=A.CLEARED, pk__in=_over(today).values("application"))
    return {row.person_id: row for row in rows.order_by("pk")}


def elsewhere(person_ids: Collection[int], subject: Subject) -> dict[int, str]:
    """For the checks of people: who is already in an exam for the job type, from another class. Another institution
    is not named."""
    found = open_applications(person_ids, subject.job_type.code, subject.today)
    return {person_id: where(row, subject) for person_id, row in found.items() if row.plan_id != subject.class_id}


def where(application: ExamApplication, subject: Subject) -> str:
    """An open application as the noun of a message to the subject's institution."""
    if application.institution_id == subject.institution_id:
        return f"本机构的考试申报（{application.get_state_display()}）"
    return "本省其他培训机构的考试申报"


def bound(trainee_ids: Collection[int]) -> dict[int, str]:
    """For training: whose application, draft or submitted, has not ended, so that they cannot leave the class."""
    rows = ExamApplication.objects.filter(trainee__in=list(trainee_ids), state__in=OPEN).order_by("pk")
    return {row.trainee_id: f"已有考试申报（{row.get_state_display()}），请先撤回申报。" for row in rows}


def attached(plan: TrainingPlan, locked: bool) -> Attached:
    """For training: the applications that are due by class start, and the sessions that begin before the class ends."""
    rows = ExamApplication.objects.filter(plan=plan, state__in=OPEN).order_by("pk")
    applications = lock(rows) if locked else list(rows)
    cases = [row for row in applications if row.kind != ApplicationKind.INITIAL]
    early = _too_early(plan, applications)
    return Attached(cases, list(early.values()), _to_officers(early) if locked else [])


def _to_officers(early: dict[ExamSession, str]) -> list[Letter]:
    """To who arranges each session, so that another day can be found or the people taken out."""
    today = clock.today()
    return [
        Letter(
            tuple(user for role in OFFICERS for user in users_with(role, session.organiser, today)),
            said,
            reverse("exams:session_detail", args=[session.pk]),
        )
        for session, said in early.items()
    ]


def _too_early(plan: TrainingPlan, applications: list[ExamApplication]) -> dict[ExamSession, str]:
    """The sessions of the class that begin before its days are over, with how many of it are in each."""
    places = Candidate.objects.filter(application__in=[row.pk for row in applications], state__in=IN_SESSION)
    named = [row.wished_session_id for row in applications if row.state == A.DRAFT and row.wished_session_id]
    ids = [*places.values_list("session_id", flat=True), *named]
    sessions = ExamSession.objects.filter(pk__in=ids, starts_on__lt=plan.class_end).select_related("organiser")
    return {
        session: f"场次{session.number}于{plain_day(session.starts_on)}开考，早于新的结班日期，"
        f"本班有 {ids.count(session.pk)} 人在其中。"
        for session in sessions.order_by("starts_on", "pk")
    }


def _over(today: date):
    months = standards.valid_months(lookup.edition_on(today))
    expired = add_months(today, -months)
    return Candidate.objects.filter(
        Q(state=CandidateState.PASSED)
        | Q(state__in=NOT_PASSED, retake=True)
        | Q(state__in=NOT_PASSED, session__starts_on__lt=expired)
    )
