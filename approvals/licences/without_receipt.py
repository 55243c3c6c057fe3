"""Who passed and has no receipt of the national platform (全国平台) yet, person by person, and what it waits for
(rules 8)."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from approvals.licences.platform_return import UNDECIDED
from approvals.models import LicenceApplicant, PlatformReceipt, PlatformReturn
from approvals.states import BatchState, LicenceState
from exams.models import Candidate
from exams.states import CandidateState

_RELATED = ("application__person", "application__institution", "session")


def persons(user) -> QuerySet[Candidate]:
    """Whoever passed, as far as ``user`` may see them, and is in no application, in one that was not sent, or in one of
    which no returned file names the person; until the decision. ``returned``: a file came back of the application.
    Whose application was not accepted or was withdrawn waits for nothing."""
    named = PlatformReceipt.objects.filter(applicant=OuterRef("pk"))
    applied = LicenceApplicant.objects.filter(candidate=OuterRef("pk"))
    not_sent = applied.filter(batch__state=BatchState.PREPARED)
    not_named = applied.filter(~Exists(named), state__in=[*UNDECIDED, LicenceState.RECONCILED])
    rows = Candidate.objects.visible_to(user).filter(~Exists(applied) | Exists(not_sent) | Exists(not_named))
    rows = rows.filter(state=CandidateState.PASSED).select_related(*_RELATED).prefetch_related(_standing())
    came_back = Exists(PlatformReturn.objects.filter(batch=OuterRef("batch")))
    return rows.annotate(returned=Exists(applied.standing().filter(came_back)))


def not_returned(user) -> QuerySet[Candidate]:
    """Those of them whose application the organisation of ``user`` sent, and of which no file came back at all."""
    sent = LicenceApplicant.objects.standing().filter(
        candidate=OuterRef("pk"), batch__organiser=user.organisation_id, batch__state=BatchState.SUBMITTED
    )
    return persons(user).filter(Exists(sent), returned=False)


def applicant_of(candidate: Candidate) -> LicenceApplicant | None:
    """The place of one of ``persons`` in an application, None where there is none yet."""
    return candidate.standing[0] if candidate.standing else None


def waits_for(candidate: Candidate) -> str:
    """Why one of ``persons`` has no receipt."""
    applicant = applicant_of(candidate)
    if applicant is None:
        return "尚未生成发证许可申请"
    if applicant.batch.state == BatchState.PREPARED:
        return "已生成申请，尚未填写平台回执号"
    return "平台返回文件中没有此人" if candidate.returned else "已报送，尚未核对平台返回文件"


def _standing() -> Prefetch:
    rows = LicenceApplicant.objects.standing().select_related("batch").order_by("pk")
    return Prefetch("licence_applicants", rows, to_attr="standing")
