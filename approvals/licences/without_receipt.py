"""Who passed and has no receipt of the national platform (全国平台) yet, person by person, and what it waits for
(rules 8)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.licences.platform_return import UNDECIDED
from approvals.models import LicenceApplicant, PlatformReceipt, PlatformReturn
from approvals.states import BatchState, LicenceState
from exams.models import Candidate
from exams.states import CandidateState

_RELATED = ("application__person", "application__institution", "session", "licence_applicant__batch")


def persons(user) -> QuerySet[Candidate]:
    """Whoever passed, as far as ``user`` may see them, and is in no application, in one that was not sent, or in one of
    which no returned file names the person; until the decision. ``returned``: a file came back of the application."""
    no_application = Q(licence_applicant__isnull=True) | Q(licence_applicant__batch__state=BatchState.PREPARED)
    named = PlatformReceipt.objects.filter(applicant=OuterRef("licence_applicant"))
    undecided = Q(licence_applicant__state__in=[*UNDECIDED, LicenceState.RECONCILED])
    rows = Candidate.objects.visible_to(user).filter(no_application | undecided & ~Exists(named))
    rows = rows.filter(state=CandidateState.PASSED).select_related(*_RELATED)
    return rows.annotate(returned=Exists(PlatformReturn.objects.filter(batch=OuterRef("licence_applicant__batch"))))


def not_returned(user) -> QuerySet[Candidate]:
    """Those of them whose application the organisation of ``user`` sent, and of which no file came back at all."""
    return persons(user).filter(
        licence_applicant__batch__organiser=user.organisation_id,
        licence_applicant__batch__state=BatchState.SUBMITTED,
        returned=False,
    )


def applicant_of(candidate: Candidate) -> LicenceApplicant | None:
    """The person's place in an application, None where there is none yet."""
    return getattr(candidate, "licence_applicant", None)


def waits_for(candidate: Candidate) -> str:
    """Why one of ``persons`` has no receipt."""
    applicant = applicant_of(candidate)
    if applicant is None:
        return "尚未生成发证许可申请"
    if applicant.batch.state == BatchState.PREPARED:
        return "已生成申请，尚未填写平台回执号"
    return "平台返回文件中没有此人" if candidate.returned else "已报送，尚未核对平台返回文件"
