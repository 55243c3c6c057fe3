"""The receipt of a letter (送达回证): printed to be signed, and again with what was signed."""

from django.conf import settings

from approvals.licences.letters import TITLES
from approvals.models import Decision, DecisionOutcome, EndingCase, ServiceEvent
from certification.documents.rendering import render_pdf

TEMPLATE = "approvals/documents/service_receipt.html"


def render(letter: Decision | EndingCase) -> bytes:
    """The receipt's PDF; raises what ``render_pdf`` raises."""
    signed = letter.service_events.filter(kind=ServiceEvent.Kind.SIGNED).order_by("pk").first()
    said = _of_ending(letter, signed) if isinstance(letter, EndingCase) else _of_decision(letter)
    context = {
        "title": "送达回证",
        "authority": settings.LICENSING_AUTHORITY,
        "number": letter.number,
        "decided_at": letter.decided_at,
        "signed": signed,
        **said,
    }
    return render_pdf(TEMPLATE, context)


def _of_decision(decision: Decision) -> dict:
    application = decision.applicant.candidate.application
    return {
        "letter_title": TITLES[DecisionOutcome(decision.outcome)],
        "person": application.person,
        "job_type": application.job_type,
        "what": f"{application.get_kind_display()}，{decision.get_outcome_display()}",
        "way": decision.get_service_method_display(),
        "ways": "由培训机构转交／直接送达",
        "passed_on_by": application.institution,
        "note": "行政许可法第四十四条：自作出准予许可决定之日起10个工作日内送达。签收后将本回证交回送达单位，"
        "或者由培训机构在系统中登记签收并上传。",
    }


def _of_ending(case: EndingCase, signed: ServiceEvent | None) -> dict:
    certificate = case.certificate
    return {
        "letter_title": f"{case.get_kind_display()}特种作业操作证决定书",
        "person": certificate.person,
        "job_type": certificate.job_type,
        "what": case.get_kind_display(),
        "way": signed.way.label if signed else "",
        "ways": "直接送达",
        "passed_on_by": "",
        "note": "签收后将本回证交回送达单位。",
    }
