"""Dossiers (一期一档): opened when a session gets its first application; each class has its part [四(二)]."""

from django.db.models import Exists, OuterRef, QuerySet

from approvals.models import Dossier, LicenceApplicant
from approvals.states import ENDED, LicenceState
from certification.records.models.numbers import next_number
from certification.workflow import log
from exams.models import Candidate, ExamSession
from exams.states import CandidateState
from training.models import TrainingPlan

# States of candidates for whom nothing more happens in this session.
FINISHED = (
    CandidateState.FAILED,
    CandidateState.ABSENT,
    CandidateState.WITHDRAWN,
    CandidateState.MOVED,
)


def open_dossier(session: ExamSession, *, actor, now) -> Dossier:
    """The dossier of ``session``, opened if it has none yet. Registered with exams; runs in the assigning activity."""
    dossier = Dossier.objects.filter(session=session).first()
    if dossier is None:
        dossier = Dossier(session=session, number=f"DA-{now.year}-{next_number('dossier', now.year)}", opened_at=now)
        dossier.save(force_insert=True)
        log([dossier], "open", actor=actor, now=now)
    return dossier


def plans_in(session: ExamSession) -> QuerySet[TrainingPlan]:
    """The classes that have or had somebody in ``session``: each is a part of its dossier."""
    return (
        TrainingPlan.objects.filter(pk__in=Candidate.objects.filter(session=session).values("application__plan"))
        .select_related("institution", "job_type", "organiser")
        .order_by("number", "pk")
    )


def unsettled() -> QuerySet[Candidate]:
    """Candidates for whom something is still to be done in their session: an exam, a decision, or its service. An
    application that was not accepted or was withdrawn is over; a later one is appended."""
    applied = LicenceApplicant.objects.filter(candidate=OuterRef("pk"))
    under_way = applied.exclude(state__in=[LicenceState.SERVED, *ENDED])
    return Candidate.objects.exclude(state__in=FINISHED).filter(~Exists(applied) | Exists(under_way))


def unfinished(session: ExamSession) -> list[Candidate]:
    """Who of ``session`` is ``unsettled``. The dossier can be sealed when there is nobody (rules 10)."""
    rows = unsettled().filter(session=session).select_related("application__person", "application__institution")
    return list(rows.order_by("pk"))
