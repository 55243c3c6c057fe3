"""What happens after the sealing: found once a night, and appended in the system's name.

Where to look is what the tables read (``sections.followed``). That a reminder or a notice was opened is no reason of
its own to append; it goes along with the next addition.
"""

from itertools import starmap

from django.contrib.contenttypes.models import ContentType
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from approvals.dossiers.sealing.acts import append
from approvals.dossiers.sections.followed import EVENTS, PAPERS, STEPS, TOLD, UNSAID, Reach
from approvals.dossiers.sections.steps import NO_STEPS
from approvals.models import Dossier, DossierAddition, DossierItem
from approvals.states import DossierState
from certification.notices.models import NoticeSubject
from certification.organisations.models import User
from certification.records.models import StoredFile, TransitionLog
from certification.refusals import Refusal


def with_news() -> QuerySet[Dossier]:
    """Sealed dossiers about which something was done since their last seal; whether it changes what the dossier
    holds, only gathering it anew tells. One query."""
    last = DossierAddition.objects.filter(dossier=OuterRef("pk")).order_by("-number")
    rows = Dossier.objects.filter(state=DossierState.SEALED).annotate(
        last=Coalesce(Subquery(last.values("sealed_at")[:1]), F("sealed_at"), output_field=DateTimeField())
    )
    found = Q()
    for look in (*map(_steps, STEPS), *starmap(_events, EVENTS), *map(_papers, PAPERS), *map(_notices, TOLD)):
        found |= Q(Exists(look))
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


def _steps(reach: Reach) -> QuerySet:
    """Rows that lead to the session of the dossier at hand and with which something was done."""
    done = TransitionLog.objects.filter(
        subject_type=ContentType.objects.get_for_model(reach[0]), subject_id=OuterRef("pk"), at__gt=_last()
    )
    return _of_session(reach).filter(Exists(done.exclude(name__in=NO_STEPS | UNSAID.get(reach[0], frozenset()))))


def _events(reach: Reach, time: str) -> QuerySet:
    model, path = reach
    return model.objects.filter(**{path: OuterRef("session"), f"{time}__gt": OuterRef("last")})


def _papers(reach: Reach) -> QuerySet:
    """Rows with files that were stored since and are not sealed: sealing itself stores some."""
    sealed = DossierItem.objects.filter(dossier=OuterRef(OuterRef(OuterRef("pk"))), sha256=OuterRef("sha256"))
    stored = StoredFile.objects.filter(
        ~Exists(sealed),
        owner_type=ContentType.objects.get_for_model(reach[0]),
        owner_id=OuterRef("pk"),
        stored_at__gt=_last(),
    )
    return _of_session(reach).filter(Exists(stored))


def _notices(reach: Reach) -> QuerySet:
    """Rows about which something was told since in the inboxes."""
    told = NoticeSubject.objects.filter(
        subject_type=ContentType.objects.get_for_model(reach[0]),
        subject_id=OuterRef("pk"),
        notice__created_at__gt=_last(),
    )
    return _of_session(reach).filter(Exists(told))


def _of_session(reach: Reach) -> QuerySet:
    """The rows that lead to the session of the dossier at hand. What was done is asked of each of these, few as they
    are: asked the other way round the database would read the log of all cases for each dossier."""
    model, path = reach
    return model.objects.filter(**{path: OuterRef("session")})


def _last() -> OuterRef:
    """When the dossier was sealed last, as what is asked of one of its rows refers to it."""
    return OuterRef(OuterRef("last"))
