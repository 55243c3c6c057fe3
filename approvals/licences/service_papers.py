"""The receipt of a decision letter (送达回证): printed to be signed, and again with what was signed."""

from django.conf import settings

from approvals.licences.letters import TITLES
from approvals.models import Decision, DecisionOutcome, ServiceEvent
from certification.documents.rendering import render_pdf

TEMPLATE = "approvals/documents/service_receipt.html"


def render(decision: Decision) -> bytes:
    """The receipt's PDF; raises what ``render_pdf`` raises."""
    signed = decision.service_events.filter(kind=ServiceEvent.Kind.SIGNED).order_by("pk").first()
    application = decision.applicant.candidate.application
    context = {
        "title": "送达回证",
        "authority": settings.LICENSING_AUTHORITY,
        "decision": decision,
        "letter_title": TITLES[DecisionOutcome(decision.outcome)],
        "person": application.person,
        "application": application,
        "institution": application.institution,
        "signed": signed,
    }
    return render_pdf(TEMPLATE, context)
