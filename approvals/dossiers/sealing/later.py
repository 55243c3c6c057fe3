"""What happens after the sealing: found once a night, and appended in the system's name."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from approvals.dossiers.sealing.acts import append
from approvals.models import CardRequest, Decision, Dossier, DossierAddition, LicenceApplicant
from approvals.states import DossierState
from certification.organisations.models import User
from certification.people.models import Bar
from certification.records import accesses
from certification.records.models import TransitionLog
from certification.refusals import Refusal
from exams.models import Candidate

# Whose steps belong to a session's dossier: model, and how its rows lead to the session.
_STEPS = (
    (CardRequest, "applicant__candidate__session", "pk"),
    (LicenceApplicant, "candidate__session", "pk"),
    (Candidate, "session", "application"),
    (Decision, "applicant__candidate__session", "certificate"),
)
_SEEN = accesses.NO_STEPS | {accesses.REVEAL}


def with_news() -> QuerySet[Dossier]:
    """Sealed dossiers about whose people something was done since their last seal; whether it changes what the dossier
    holds, only gathering it anew tells."""
    last = DossierAddition.objects.filter(dossier=OuterRef("pk")).order_by("-number")
    rows = Dossier.objects.filter(state=DossierState.SEALED).annotate(
        last=Coalesce(Subquery(last.values("sealed_at")[:1]), F("sealed_at"), output_field=DateTimeField())
    )
    people = Candidate.objects.filter(session=OuterRef(OuterRef("session"))).values("application__person")
    since = Q(imposed_at__gt=OuterRef("last")) | Q(lifted_at__gt=OuterRef("last"))
    found = Q(Exists(Bar.objects.filter(since, person__in=people)))
    for model, path, subject in _STEPS:
        found |= Q(Exists(_steps(model, path, subject)))
    return rows.filter(found).order_by("pk")


def append_all() -> dict[str, int]:
    """Append to every sealed dossier what is new; returns how many additions were made. One that cannot be appended
    to does not keep the others waiting; the first such refusal is raised at the end."""
    made, refusals = 0, []
    system = User.objects.system()
    for dossier_id in list(with_news().values_list("pk", flat=True)):
        try:
            made += append(actor=system, dossier_id=dossier_id) is not None
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refusals[0]
    return {"appended": made}


def _steps(model, path: str, subject: str) -> QuerySet[TransitionLog]:
    target = model if subject == "pk" else model._meta.get_field(subject).related_model
    mine = model.objects.filter(**{path: OuterRef(OuterRef("session"))}).exclude(**{f"{subject}__isnull": True})
    return TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(target),
        subject_id__in=mine.values(subject),
        at__gt=OuterRef("last"),
    ).exclude(name__in=_SEEN)
