"""Exam applications, exam plans and sessions as cases that deadlines are about (board, figures, 用时明细)."""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Max

from certification.deadlines import cases, holders
from certification.records.models import TransitionLog
from certification.rulebook import lookup
from exams import standards
from exams.day_states import TOUR_HELD_BY
from exams.models import Candidate, ExamApplication, ExamPlan, ExamSession, InspectionTour, ScoreRecheck
from exams.sessions import sittings
from exams.states import (
    APPLICATION_HELD_BY,
    EXAM_PLAN_HELD_BY,
    EXAMINED,
    IN_SESSION,
    RECHECK_HELD_BY,
    SESSION_HELD_BY,
    ApplicationState,
    CandidateState,
)


def register() -> None:
    """Fill the registries."""
    _register_tours()
    holders.register(ExamApplication._meta.label, APPLICATION_HELD_BY)
    holders.register(ExamPlan._meta.label, EXAM_PLAN_HELD_BY)
    holders.register(ExamSession._meta.label, SESSION_HELD_BY)
    holders.register(ScoreRecheck._meta.label, RECHECK_HELD_BY)
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
    cases.register(
        cases.CaseKind(
            model=ScoreRecheck,
            slug="score-recheck",
            view="exams:recheck",
            parties=lambda recheck: (
                recheck.result.candidate.application.institution,
                recheck.result.candidate.session.organiser,
            ),
            job_type="result__candidate__application__job_type",
            organiser="result__candidate__session__organiser",
            related=("result__candidate__application__institution", "result__candidate__session__organiser"),
            began_at=lambda recheck: recheck.requested_at,
            personal=True,
        )
    )


def _register_tours() -> None:
    holders.register(InspectionTour._meta.label, TOUR_HELD_BY)
    cases.register(
        cases.CaseKind(
            model=InspectionTour,
            slug="tour",
            view="exams:tour",
            parties=lambda tour: (None, tour.session.organiser),
            job_type="session__job_type",
            organiser="session__organiser",
            related=("session__organiser", "session__site", "session__job_type"),
            began_at=lambda tour: tour.toured_at,
        )
    )


def _sittings_used(application: ExamApplication, now: datetime) -> datetime | None:
    """When the last sitting was failed or missed that the person had: nobody has anything to do after that."""
    if application.state != ApplicationState.CLEARED:
        return None
    candidates = Candidate.objects.filter(application=application)
    if candidates.filter(state__in=[*IN_SESSION, CandidateState.PASSED]).exists():
        return None
    used = sittings.of(candidates)[application.pk]
    if not used.used_up(standards.retakes(lookup.edition_on(now.date()))):
        return None
    sat = candidates.filter(state__in=EXAMINED).values("pk")
    subject = ContentType.objects.get_for_model(Candidate)
    lines = TransitionLog.objects.filter(subject_type=subject, subject_id__in=sat, to_state__in=EXAMINED)
    return lines.aggregate(last=Max("at"))["last"]
