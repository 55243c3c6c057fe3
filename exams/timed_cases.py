"""Exam applications, exam plans and sessions as cases that deadlines are about (board, figures, 用时明细)."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Max

from certification.deadlines import cases, holders
from certification.records.models import TransitionLog
from certification.rulebook import lookup
from exams import standards
from exams.models import Candidate, ExamApplication, ExamPlan, ExamSession
from exams.states import (
    APPLICATION_HELD_BY,
    EXAM_PLAN_HELD_BY,
    EXAMINED,
    IN_SESSION,
    SESSION_HELD_BY,
    ApplicationState,
    CandidateState,
)


def register() -> None:
    """Fill the registries."""
    holders.register(ExamApplication._meta.label, APPLICATION_HELD_BY)
    holders.register(ExamPlan._meta.label, EXAM_PLAN_HELD_BY)
    holders.register(ExamSession._meta.label, SESSION_HELD_BY)
    cases.register(
        cases.CaseKind(
            model=ExamApplication,
            slug="application",
            view="exams:application_detail",
            parties=lambda application: (application.institution, application.organiser),
            job_type="job_type",
            organiser="organiser",
            related=("institution", "organiser", "job_type", "person"),
            began_at=lambda application: application.created_at,
            ended_at=_sittings_used,
            personal=True,
        )
    )
    cases.register(
        cases.CaseKind(
            model=ExamPlan,
            slug="exam-plan",
            view="exams:plan_detail",
            parties=lambda plan: (None, plan.organiser),
            job_type="items__session__job_type",
            organiser="organiser",
            related=("organiser",),
            began_at=lambda plan: plan.created_at,
        )
    )
    cases.register(
        cases.CaseKind(
            model=ExamSession,
            slug="session",
            view="exams:session_detail",
            parties=lambda session: (None, session.organiser),
            job_type="job_type",
            organiser="organiser",
            related=("organiser", "job_type"),
        )
    )


def _sittings_used(application: ExamApplication, now: datetime) -> datetime | None:
    """When the last sitting was failed or missed that the person had: nobody has anything to do after that."""
    if application.state != ApplicationState.CLEARED:
        return None
    candidates = Candidate.objects.filter(application=application)
    if candidates.filter(state__in=[*IN_SESSION, CandidateState.PASSED]).exists():
        return None
    sat = list(candidates.filter(state__in=EXAMINED).values_list("pk", flat=True))
    if len(sat) <= standards.retakes(lookup.edition_on(now.date())):
        return None
    subject = ContentType.objects.get_for_model(Candidate)
    lines = TransitionLog.objects.filter(subject_type=subject, subject_id__in=sat, to_state__in=EXAMINED)
    return lines.aggregate(last=Max("at"))["last"]
