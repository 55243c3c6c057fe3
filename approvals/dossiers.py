"""Dossiers (一期一档): opened when a session gets its first application; each class has its part [四(二)]."""

from django.db.models import QuerySet

from approvals.models import Dossier, LicenceApplicant
from approvals.states import LicenceState
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


def parts_of(user) -> QuerySet[TrainingPlan]:
    """The classes of ``user``'s own institution that stand in some dossier: what an institution sees of dossiers."""
    return TrainingPlan.objects.visible_to(user).filter(applications__candidates__session__dossier__isnull=False)


def unfinished(session: ExamSession) -> list[Candidate]:
    """Candidates of ``session`` for whom something is still to be done, with ``licence_state`` ("" where no licence
    was applied for yet). The dossier can be sealed when there is none (rules 10)."""
    served = LicenceApplicant.objects.filter(candidate__session=session).values_list("candidate", "state")
    licence_states = dict(served)
    rows = (
        Candidate.objects.filter(session=session)
        .exclude(state__in=FINISHED)
        .select_related("application__person", "application__institution")
        .order_by("pk")
    )
    waiting = []
    for candidate in rows:
        candidate.licence_state = licence_states.get(candidate.pk, "")
        if candidate.licence_state != LicenceState.SERVED:
            waiting.append(candidate)
    return waiting
